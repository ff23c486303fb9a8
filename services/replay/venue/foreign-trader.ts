import type { Command, ExchangeEvent } from '../../exchange-simulator/core/events.ts';
import type { Market } from '../../exchange-simulator/core/market.ts';
import { add, multiply, parseDecimal, roundToStep } from '../../shared/domain/decimal.ts';
import type { VenueFaults } from '../core/venue-faults.ts';
import type { Scheduler } from '../core/scheduler.ts';
import { ACCOUNT } from './account-views.ts';

export interface ForeignTraderOptions {
  readonly market: Market;
  readonly scheduler: Scheduler;
  readonly faults: Pick<VenueFaults, 'foreignAfterMs'>;
  readonly apply: (command: Command) => ExchangeEvent | undefined;
}

/** Part of the last price at which an order rests: too low to fill, and within what the venue takes. */
const BID_SHARE = parseDecimal('0.7');
const RESTS_MS = 4_000;

/**
 * Plays a person who uses the account by hand: places a buy far below the market now and then, and cancels it after a
 * few seconds. Returns the client order IDs, in the order of placing.
 */
export function startForeignTrader({ market, scheduler, faults, apply }: ForeignTraderOptions): ReadonlySet<string> {
  const ids = new Set<string>();
  const { symbols } = market.engine;
  const place = (): void => {
    const instrument = market.engine.instrument(symbols[ids.size % symbols.length] ?? '');
    const last = market.engine.lastPrice(instrument?.symbol ?? '');
    if (instrument === undefined || last === undefined) return;
    const { symbol, tickSize, minQuantity, minNotional } = instrument;
    const price = roundToStep(multiply(last, BID_SHARE, 'floor'), tickSize, 'floor');
    const quantity = add(minQuantity, multiply(minNotional, parseDecimal('10000'), 'floor'));
    const clientOrderId = `byhand${ids.size + 1}`;
    ids.add(clientOrderId);
    const request = { time: scheduler.nowMs(), recvWindowMs: 1, receivedAt: scheduler.nowMs() };
    const terms = { account: ACCOUNT, clientOrderId, symbol, side: 'buy', type: 'LIMIT', price, quantity } as const;
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
  return ids;
}
