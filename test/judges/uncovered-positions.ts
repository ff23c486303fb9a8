import {
  add,
  formatDecimal,
  multiply,
  parseDecimal,
  subtract,
  ZERO,
  type Decimal,
} from '../../services/shared/domain/decimal.ts';
import { assetsOf } from '../../services/shared/domain/instrument.ts';
import type { Evidence, TradeRow } from './invariants.ts';

/** What somebody moved into the account, or out of it. */
export interface AccountTransfer {
  readonly asset: string;
  readonly amount: Decimal;
  /** Number of trades that were booked before. */
  readonly afterTrades: number;
}

type Amounts = Map<string, Decimal>;

/**
 * Returns each asset of which the positions held more than the account at some time, as text: an order of another pair
 * had spent it, so that the position could not be left. `trades` are in the order of booking, and `ledger` is that
 * after the last one. `transfers` are those after the opening, which the ledger has, too: what somebody else traded
 * counts as such. Only for an account from which nothing else takes: no fee in a coin that a pair buys.
 */
export function uncoveredPositions(
  { trades, ledger }: Pick<Evidence, 'trades' | 'ledger'>,
  transfers: readonly AccountTransfer[] = [],
): readonly string[] {
  const balances = openingOf({ trades, ledger }, transfers);
  const held: Amounts = new Map();
  const found = new Map<string, string>();
  for (const [index, trade] of trades.entries()) {
    const arrived = transfers.filter(({ afterTrades }) => afterTrades === index);
    for (const { asset, amount } of arrived) count(balances, asset, amount);
    book(trade, balances, held);
    const { base, quote } = assetsOf(trade.symbol);
    for (const asset of [base, quote]) {
      const [needed, there] = [held.get(asset) ?? ZERO, balances.get(asset) ?? ZERO];
      if (needed <= there || found.has(asset)) continue;
      const amounts = `${formatDecimal(needed)} ${asset}, and the account ${formatDecimal(there)}`;
      found.set(asset, `I5: after trade ${trade.venue_trade_id} the positions hold ${amounts}`);
    }
  }
  return [...found.values()];
}

function openingOf(
  { trades, ledger }: Pick<Evidence, 'trades' | 'ledger'>,
  transfers: readonly AccountTransfer[],
): Amounts {
  const balances: Amounts = new Map(Object.entries(ledger).map(([asset, amount]) => [asset, parseDecimal(amount)]));
  const moved = transfers.map(({ asset, amount }) => [asset, amount] as const);
  for (const [asset, change] of [...trades.flatMap(changesOf), ...moved])
    count(balances, asset, subtract(ZERO, change));
  return balances;
}

function book(trade: TradeRow, balances: Amounts, held: Amounts): void {
  const { base } = assetsOf(trade.symbol);
  for (const [asset, change] of changesOf(trade)) {
    count(balances, asset, change);
    if (asset === base) count(held, asset, change);
  }
}

function count(amounts: Amounts, asset: string, change: Decimal): void {
  amounts.set(asset, add(amounts.get(asset) ?? ZERO, change));
}

/** What a trade changes in the account, by asset. */
function changesOf(trade: TradeRow): readonly (readonly [string, Decimal])[] {
  const { base, quote } = assetsOf(trade.symbol);
  const [quantity, price, fee] = [trade.quantity, trade.price, trade.fee].map(parseDecimal) as [
    Decimal,
    Decimal,
    Decimal,
  ];
  const paid = multiply(price, quantity, 'floor');
  const [received, spent] = trade.side === 'buy' ? [quantity, paid] : [subtract(ZERO, quantity), subtract(ZERO, paid)];
  return [
    [base, received],
    [quote, subtract(ZERO, spent)],
    [trade.fee_asset, subtract(ZERO, fee)],
  ];
}
