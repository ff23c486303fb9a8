import type { Command, ExchangeEvent } from '../../exchange-simulator/core/events.ts';
import type { Market } from '../../exchange-simulator/core/market.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { VenueFaults } from '../core/venue-faults.ts';
import type { Scheduler } from '../core/scheduler.ts';
import { ACCOUNT } from './account-views.ts';
import { foreignBuy, foreignOrder } from './foreign-order.ts';

export interface ForeignTraderOptions {
  readonly market: Market;
  readonly scheduler: Scheduler;
  readonly faults: Pick<VenueFaults, 'foreignAfterMs' | 'foreignBuyAfterMs'>;
  readonly apply: (command: Command) => ExchangeEvent | undefined;
}

const RESTS_MS = 4_000;

/**
 * Plays a person who uses the account by hand: now and then offers all that the account has free of a base asset far
 * above the market, or places a buy far below it, and cancels that after a few seconds; in some runs buys once at the
 * market. Returns the side of each order by client order ID, in the order of placing.
 */
export function startForeignTrader({
  market,
  scheduler,
  faults,
  apply,
}: ForeignTraderOptions): ReadonlyMap<string, Side> {
  const sides = new Map<string, Side>();
  const { symbols } = market.engine;
  const place = (
    { symbol }: Instrument,
    type: 'LIMIT' | 'IMMEDIATE_OR_CANCEL',
    terms: ReturnType<typeof foreignOrder>,
  ): string | undefined => {
    const clientOrderId = `byhand${sides.size + 1}`;
    sides.set(clientOrderId, terms.side);
    const request = { time: scheduler.nowMs(), recvWindowMs: 1, receivedAt: scheduler.nowMs() };
    const placed = apply({ kind: 'place', account: ACCOUNT, clientOrderId, symbol, type, ...terms, request });
    // The stack may have spent what the order needs.
    return placed?.kind === 'placed' ? placed.orderId : undefined;
  };
  const rest = (): void => {
    const instrument = market.engine.instrument(symbols[sides.size % symbols.length] ?? '');
    const last = market.engine.lastPrice(instrument?.symbol ?? '');
    if (instrument === undefined || last === undefined) return;
    const { symbol, base } = instrument;
    const orderId = place(
      instrument,
      'LIMIT',
      foreignOrder(instrument, last, market.engine.ledger.free(ACCOUNT, base)),
    );
    if (orderId !== undefined)
      scheduler.after(RESTS_MS, () => void apply({ kind: 'cancel', account: ACCOUNT, symbol, orderId }));
  };
  const buy = (): void => {
    const instrument = market.engine.instrument(symbols[0] ?? '');
    const last = market.engine.lastPrice(instrument?.symbol ?? '');
    if (instrument !== undefined && last !== undefined)
      place(instrument, 'IMMEDIATE_OR_CANCEL', foreignBuy(instrument, last));
  };
  const next = (): void => {
    const afterMs = faults.foreignAfterMs();
    if (afterMs === undefined) return;
    scheduler.after(afterMs, () => {
      rest();
      next();
    });
  };
  next();
  const buyAfterMs = faults.foreignBuyAfterMs();
  if (buyAfterMs !== undefined) scheduler.after(buyAfterMs, buy);
  return sides;
}
