import { add, negate, ZERO, type Decimal } from './decimal.ts';
import type { TradeTerms } from './orders/fill.ts';
import { assetsOf, notionalOf } from './instrument.ts';

/**
 * Accounts of the ledger. `venue`: what the venue holds for us; `trading`: the counter side of trades; `fees`: paid to
 * the venue; `external`: deposits and adjustments.
 */
export type LedgerAccount = 'venue' | 'trading' | 'fees' | 'external';

/** One line of a double entry. The postings of one event sum to zero per asset. */
export interface Posting {
  readonly account: LedgerAccount;
  readonly asset: string;
  readonly amount: Decimal;
}

/** Returns the balanced postings of a trade: base and quote against `trading`, the fee against `fees`. */
export function postingsOf(trade: TradeTerms): readonly Posting[] {
  const { base, quote } = assetsOf(trade.symbol);
  const notional = notionalOf(trade.price, trade.quantity);
  const bought = trade.side === 'buy';
  const lines = [
    ...doubleEntry(base, bought ? trade.quantity : negate(trade.quantity), 'trading'),
    ...doubleEntry(quote, bought ? negate(notional) : notional, 'trading'),
  ];
  return trade.fee === ZERO ? lines : [...lines, ...doubleEntry(trade.feeAsset, negate(trade.fee), 'fees')];
}

/**
 * Returns the fees among the postings of one trade that are in neither asset of its pair, by asset. The realised P&L of
 * a position contains every other fee.
 */
export function thirdAssetFeesOf(postings: readonly Posting[]): ReadonlyMap<string, Decimal> {
  const traded = balancesOf(postings, 'trading');
  return new Map([...balancesOf(postings, 'fees')].filter(([asset]) => !traded.has(asset)));
}

/** Returns the postings of a transfer between the venue and the outside world. A positive amount is a deposit. */
export function transferOf(asset: string, amount: Decimal): readonly Posting[] {
  return doubleEntry(asset, amount, 'external');
}

/** Returns the sum of one account's postings per asset. */
export function balancesOf(postings: Iterable<Posting>, account: LedgerAccount): ReadonlyMap<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const posting of postings) {
    if (posting.account === account) sums.set(posting.asset, add(sums.get(posting.asset) ?? ZERO, posting.amount));
  }
  return sums;
}

function doubleEntry(asset: string, amount: Decimal, counter: LedgerAccount): readonly Posting[] {
  return [
    { account: 'venue', asset, amount },
    { account: counter, asset, amount: negate(amount) },
  ];
}
