import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { CallStep } from '../core/call-step.ts';
import type { Scheduler } from '../core/scheduler.ts';

export interface ObservedCallsOptions {
  readonly process: string;
  readonly scheduler: Pick<Scheduler, 'nowMs'>;
  readonly onStep: (step: CallStep) => void;
}

/** Returns the venue unchanged, and reports each request that a process sends and each pause that an answer demands. */
export function observedCalls(venue: TradingVenue, { process, scheduler, onStep }: ObservedCallsOptions): TradingVenue {
  const sent = (call: string, cancels?: string): void =>
    onStep({ kind: 'Sent', process, at_ms: scheduler.nowMs(), call, cancels });
  const answered = <T>(reply: VenueReply<T>): VenueReply<T> => {
    if (reply.kind !== 'rateLimited') return reply;
    const { retryAfterMs, banned = false } = reply;
    const at_ms = scheduler.nowMs();
    onStep({ kind: 'Paused', process, at_ms, until_ms: at_ms + retryAfterMs, banned });
    return reply;
  };
  const query = async <T>(call: string, send: () => Promise<VenueReply<T>>): Promise<VenueReply<T>> => {
    sent(call);
    return answered(await send());
  };
  return {
    rules: venue.rules,
    place: async (order, terms) => {
      const refusal = (): string | undefined => {
        const reason = terms.refusal();
        if (reason === undefined) sent('place');
        return reason;
      };
      return answered(await venue.place(order, { ...terms, refusal }));
    },
    cancel: async (symbol, id) => {
      sent('cancel', id);
      return answered(await venue.cancel(symbol, id));
    },
    order: async (symbol, id) => await query('order', async () => await venue.order(symbol, id)),
    openOrders: async (symbol) => await query('openOrders', async () => await venue.openOrders(symbol)),
    fills: async (symbol, range) => await query('fills', async () => await venue.fills(symbol, range)),
    balances: async () => await query('balances', async () => await venue.balances()),
    clockSkewMs: async () => await query('clockSkewMs', async () => await venue.clockSkewMs()),
  };
}
