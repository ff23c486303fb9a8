import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { VenueHealth } from '../../shared/domain/venue-health.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../../shared/runtime/periodic.ts';
import type { RateLimited, TradingVenue } from '../../shared/venue/trading-venue.ts';
import { failureOf, healthOf, withinWindow, type VenueSample } from '../core/venue/health-window.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { ExecutionStore } from '../ports.ts';

/** A venue whose answers are observed, and what has been observed of them. */
export interface WatchedVenue extends TradingVenue {
  /** Observes another request to the account. */
  readonly observed: RateLimited;
  /** Of the last minute. `pausedForMs`: how long the venue accepts no request from now. */
  readonly health: (pausedForMs: number) => VenueHealth;
}

/** Samples beyond the window are dropped when this many have been added. */
const TRIM_EVERY = 100;

/** Observes how each request to the venue ends, in memory. */
export function watchVenue(venue: TradingVenue, clock: Clock): WatchedVenue {
  let samples: VenueSample[] = [];
  const add = (reply: VenueReply<unknown>, latencyMs: number | undefined): void => {
    const atMs = clock.monotonicMs();
    const failure = failureOf(reply);
    const pauseMs = reply.kind === 'rateLimited' ? reply.retryAfterMs : 0;
    samples.push({ atMs, failure, latencyMs: failure === undefined ? latencyMs : undefined, pauseMs });
    if (samples.length % TRIM_EVERY === 0) samples = [...withinWindow(samples, atMs)];
  };
  const timed = async <T>(call: () => Promise<VenueReply<T>>): Promise<VenueReply<T>> => {
    const startMs = clock.monotonicMs();
    const reply = await call();
    add(reply, clock.monotonicMs() - startMs);
    return reply;
  };
  /** Of several requests: the time of one is unknown. */
  const counted = async <T>(call: () => Promise<VenueReply<T>>): Promise<VenueReply<T>> => {
    const reply = await call();
    add(reply, undefined);
    return reply;
  };
  return {
    rules: venue.rules,
    place: async (request, terms) => {
      // What this process itself refuses at the last moment says nothing about the venue.
      let refused = false;
      const refusal = (): string | undefined => {
        const reason = terms.refusal();
        refused = reason !== undefined;
        return reason;
      };
      const startMs = clock.monotonicMs();
      const reply = await venue.place(request, { ...terms, refusal });
      if (!refused) add(reply, clock.monotonicMs() - startMs);
      return reply;
    },
    cancel: async (symbol, id) => await timed(async () => await venue.cancel(symbol, id)),
    order: async (symbol, id) => await timed(async () => await venue.order(symbol, id)),
    openOrders: async (symbol) => await timed(async () => await venue.openOrders(symbol)),
    fills: async (symbol, range) => await counted(async () => await venue.fills(symbol, range)),
    balances: async () => await timed(async () => await venue.balances()),
    clockSkewMs: async () => await counted(async () => await venue.clockSkewMs()),
    observed: timed,
    health: (pausedForMs) => healthOf(samples, clock.monotonicMs(), pausedForMs),
  };
}

const RECORD_EVERY_MS = 5_000;

/**
 * Creates the part that records the health of the venue for risk, whose breakers judge it. Only the holder of the fence
 * does: it reads at the venue also while no order may be sent, so that a breaker that stops entries can leave.
 */
export function createHealthRecords(options: {
  readonly store: Pick<ExecutionStore, 'recordVenueHealth'>;
  readonly fence: Pick<SenderFence, 'recording' | 'sender'>;
  readonly health: () => VenueHealth;
  readonly clock: Clock;
  readonly log: Logger;
}): Periodic {
  const { store, fence, health, clock, log } = options;
  return periodic({
    name: 'venue health',
    intervalMs: RECORD_EVERY_MS,
    clock,
    log,
    task: async () => {
      if (fence.recording) await store.recordVenueHealth(fence.sender.epoch, health(), clock.nowMs());
    },
  });
}
