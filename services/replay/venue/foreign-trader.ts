import type { Command, ExchangeEvent } from '../../exchange-simulator/core/events.ts';
import type { Market } from '../../exchange-simulator/core/market.ts';
import { assetsOf } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { VenueFaults } from '../core/venue-faults.ts';
import type { Scheduler } from '../core/scheduler.ts';
import { ACCOUNT } from './account-views.ts';
import { foreignOrder } from './foreign-order.ts';

export interface ForeignTraderOptions {
  readonly market: Market;
  readonly scheduler: Scheduler;
  readonly faults: Pick<VenueFaults, 'foreignAfterMs'>;
  readonly apply: (command: Command) => ExchangeEvent | undefined;
}

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
    const free = market.engine.ledger.free(ACCOUNT, assetsOf(symbol).base);
    const { side, price, quantity } = foreignOrder(instrument, last, free);
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
