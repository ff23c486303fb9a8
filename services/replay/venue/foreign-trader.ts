import type { Command, ExchangeEvent } from '../../exchange-simulator/core/events.ts';
import type { Market } from '../../exchange-simulator/core/market.ts';
import { add, multiply, parseDecimal, roundToStep, type Decimal } from '../../shared/domain/decimal.ts';
import { assetsOf, notionalOf, type Instrument } from '../../shared/domain/instrument.ts';
import type { OrderRequest } from '../../shared/domain/orders/order.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { VenueFaults } from '../core/venue-faults.ts';
import type { Scheduler } from '../core/scheduler.ts';
import { ACCOUNT } from './account-views.ts';

export interface ForeignTraderOptions {
  readonly market: Market;
  readonly scheduler: Scheduler;
  readonly faults: Pick<VenueFaults, 'foreignAfterMs'>;
  readonly apply: (command: Command) => ExchangeEvent | undefined;
}

/** Parts of the last price at which orders rest: too far away to fill, and within what the venue takes. */
const BID_SHARE = parseDecimal('0.7');
const ASK_SHARE = parseDecimal('1.4');
const RESTS_MS = 4_000;

/**
 * Plays a person who uses the account by hand: now and then offers all that the account has free of a base asset far
 * above the market, or places a buy far below it, and cancels that after a few seconds. Returns the side of each order
 * by client order ID, in the order of placing.
 */
export function startForeignTrader({
  market,
  scheduler,
  faults,
  apply,
}: ForeignTraderOptions): ReadonlyMap<string, Side> {
  const sides = new Map<string, Side>();
  const { symbols } = market.engine;
  const place = (): void => {
    const instrument = market.engine.instrument(symbols[sides.size % symbols.length] ?? '');
    const last = market.engine.lastPrice(instrument?.symbol ?? '');
    if (instrument === undefined || last === undefined) return;
    const { symbol } = instrument;
    const { side, price, quantity } = termsOf(
      instrument,
      last,
      market.engine.ledger.free(ACCOUNT, assetsOf(symbol).base),
    );
    const clientOrderId = `byhand${sides.size + 1}`;
    sides.set(clientOrderId, side);
    const request = { time: scheduler.nowMs(), recvWindowMs: 1, receivedAt: scheduler.nowMs() };
    const terms = { account: ACCOUNT, clientOrderId, symbol, side, type: 'LIMIT', price, quantity } as const;
    const placed = apply({ kind: 'place', ...terms, request });
    if (placed?.kind !== 'placed') throw new Error(`the order by hand was not placed: ${JSON.stringify(placed?.kind)}`);
    const { orderId } = placed;
    scheduler.after(RESTS_MS, () => void apply({ kind: 'cancel', account: ACCOUNT, symbol, orderId }));
  };
  const next = (): void => {
    const afterMs = faults.foreignAfterMs();
    if (afterMs === undefined) return;
    scheduler.after(afterMs, () => {
      place();
      next();
    });
  };
  next();
  return sides;
}

/** Offers what is free, unless that is too small for the venue. */
function termsOf(
  instrument: Instrument,
  last: Decimal,
  free: Decimal,
): Pick<OrderRequest, 'side' | 'price' | 'quantity'> {
  const { tickSize, lotSize, minQuantity, minNotional } = instrument;
  const priceAt = (share: Decimal): Decimal => roundToStep(multiply(last, share, 'floor'), tickSize, 'floor');
  const held = roundToStep(free, lotSize, 'floor');
  if (held >= minQuantity && notionalOf(last, held) >= minNotional)
    return { side: 'sell', price: priceAt(ASK_SHARE), quantity: held };
  const quantity = add(minQuantity, multiply(minNotional, parseDecimal('10000'), 'floor'));
  return { side: 'buy', price: priceAt(BID_SHARE), quantity };
}
