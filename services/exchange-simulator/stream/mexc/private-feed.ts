import { divide, formatDecimal, multiply, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { assetsOf, notionalOf } from '../../../shared/domain/instrument.ts';
import { PRIVATE_ACCOUNT, PRIVATE_DEALS, PRIVATE_ORDERS, venueSymbolOf } from '../../../shared/venue/mexc/channels.ts';
import type { MexcPush, MexcPushBody } from '../../../shared/venue/mexc/stream/protobuf.ts';
import type { AccountEvent, Filled, VenueOrderType } from '../../core/events.ts';
import type { Balance, Ledger, VenueOrder, VenueOrderStatus } from '../../core/ledger.ts';

/** Frame for the private stream of one account. */
export interface PrivatePush {
  readonly account: string;
  readonly push: MexcPush;
}

/** Codes of the API document, "Spot Account Orders". */
const ORDER_TYPES: Readonly<Record<VenueOrderType, number>> = {
  LIMIT: 1,
  LIMIT_MAKER: 2,
  IMMEDIATE_OR_CANCEL: 3,
  FILL_OR_KILL: 4,
  MARKET: 5,
};
const STATUSES: Readonly<Record<VenueOrderStatus, number>> = {
  NEW: 1,
  FILLED: 2,
  PARTIALLY_FILLED: 3,
  CANCELED: 4,
  PARTIALLY_CANCELED: 5,
};
/** Change types of "Spot Account Update". */
const CHANGES = { placed: 'ENTRUST_PLACE', fill: 'ENTRUST', cancelled: 'ENTRUST_CANCEL' } as const;

/**
 * Produces the private frames of each event, with orders and balances as they are right after it. It follows the events
 * with its own ledger, because the engine's ledger has already applied the whole batch.
 */
export class PrivateFeed {
  readonly #ledger: Ledger;

  /**
   * `ledger` must have the balances and open orders of the engine's ledger, keep the newest ended order, and belongs to
   * this feed from now on.
   */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  follow(event: AccountEvent, nowMs: number): readonly PrivatePush[] {
    if (event.kind === 'rejected') return [];
    const { account } = event;
    const before = assetsTouched(event).map((asset) => ({ ...this.#ledger.balance(account, asset) }));
    this.#ledger.evolve(event);
    const wrap = (channel: string, symbol: string, body: MexcPushBody): PrivatePush => ({
      account,
      push: { channel, symbol, createTime: event.time, sendTime: nowMs, body },
    });
    const balances = before.map((previous) => {
      const change = { type: changeOf(event), time: event.time };
      return wrap(PRIVATE_ACCOUNT, '', accountBody(previous, this.#ledger.balance(account, previous.asset), change));
    });
    if (event.kind === 'transferred') return balances;
    const order = this.#ledger.order(event.orderId);
    if (order === undefined) throw new Error(`event of unknown order ${event.orderId}`);
    const fill = event.kind === 'fill' ? event : undefined;
    const venueSymbol = venueSymbolOf(event.symbol);
    return [
      wrap(PRIVATE_ORDERS, venueSymbol, orderBody(order, fill)),
      ...(fill === undefined ? [] : [wrap(PRIVATE_DEALS, venueSymbol, dealBody(fill))]),
      ...balances,
    ];
  }
}

type BalanceEvent = Exclude<AccountEvent, { kind: 'rejected' }>;

function assetsTouched(event: BalanceEvent): readonly string[] {
  if (event.kind === 'transferred') return [event.asset];
  if (event.kind === 'placed') return [event.lockedAsset];
  const { base, quote } = assetsOf(event.symbol);
  return [base, quote];
}

function changeOf(event: BalanceEvent): string {
  if (event.kind !== 'transferred') return CHANGES[event.kind];
  return event.amount < ZERO ? 'WITHDRAW' : 'DEPOSIT';
}

function accountBody(
  previous: Balance,
  current: Balance,
  change: { readonly type: string; readonly time: number },
): MexcPushBody {
  return {
    kind: 'privateAccount',
    vcoinName: current.asset,
    coinId: current.asset,
    balanceAmount: formatDecimal(current.free),
    balanceAmountChange: formatDecimal(subtract(current.free, previous.free)),
    frozenAmount: formatDecimal(current.locked),
    frozenAmountChange: formatDecimal(subtract(current.locked, previous.locked)),
    ...change,
  };
}

function orderBody(order: VenueOrder, fill: Filled | undefined): MexcPushBody {
  const requestedAmount = requestedAmountOf(order);
  return {
    kind: 'privateOrder',
    id: order.orderId,
    clientId: order.clientOrderId,
    price: formatDecimal(order.price),
    quantity: formatDecimal(order.quantity),
    amount: formatDecimal(requestedAmount),
    avgPrice: formatDecimal(averagePrice(order)),
    orderType: ORDER_TYPES[order.type],
    tradeType: order.side === 'buy' ? 1 : 2,
    isMaker: fill?.maker ?? false,
    remainAmount: formatDecimal(positive(subtract(requestedAmount, order.executedQuote))),
    remainQuantity: formatDecimal(positive(subtract(order.quantity, order.executed))),
    lastDealQuantity: formatDecimal(fill?.quantity ?? ZERO),
    cumulativeQuantity: formatDecimal(order.executed),
    cumulativeAmount: formatDecimal(order.executedQuote),
    status: STATUSES[order.status],
    createTime: order.time,
  };
}

function dealBody(fill: Filled): MexcPushBody {
  return {
    kind: 'privateDeal',
    price: formatDecimal(fill.price),
    quantity: formatDecimal(fill.quantity),
    amount: formatDecimal(notionalOf(fill.price, fill.quantity)),
    tradeType: fill.side === 'buy' ? 1 : 2,
    isMaker: fill.maker,
    isSelfTrade: fill.selfTrade,
    tradeId: fill.tradeId,
    clientOrderId: fill.clientOrderId,
    orderId: fill.orderId,
    feeAmount: formatDecimal(fill.fee),
    feeCurrency: fill.feeAsset,
    time: fill.time,
  };
}

/** Amount of quote that the order requests; 0 for a market sale. */
function requestedAmountOf(order: VenueOrder): Decimal {
  return order.quoteQuantity > ZERO ? order.quoteQuantity : multiply(order.price, order.quantity, 'ceil');
}

function averagePrice({ executed, executedQuote }: VenueOrder): Decimal {
  return executed === ZERO ? ZERO : divide(executedQuote, executed, 'floor');
}

function positive(value: Decimal): Decimal {
  return value > ZERO ? value : ZERO;
}
