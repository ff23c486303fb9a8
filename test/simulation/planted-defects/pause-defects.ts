import type { VenueReply } from '../../../services/shared/domain/orders/venue-reply.ts';
import type { TradingVenue } from '../../../services/shared/venue/trading-venue.ts';
import { orderPath, restingOrders, type PlantedDefect } from './planted-defect.ts';

const LIMIT_MS = 2_000;
const BAN_MS = 3_000;
/** Far longer than any pause that the venue demands here. */
const KEPT_MS = 600_000;

/** A venue that limits requests now and then, and bans for what comes in a limit. */
const PAUSING = (random: () => number) => ({
  venueFaults: {
    limitMs: () => (random() < 0.02 ? LIMIT_MS : undefined),
    banMs: () => (random() < 0.3 ? BAN_MS : undefined),
  },
});
const run = orderPath(PAUSING);

type Failure = Extract<VenueReply<never>, { kind: 'rateLimited' }>;

/** Reads each demand of a pause otherwise. */
const reading = (change: (demand: Failure) => VenueReply<never>): ReturnType<PlantedDefect['overrides']> => ({
  client: (sound) => {
    const read = <T>(reply: VenueReply<T>): VenueReply<T> => (reply.kind === 'rateLimited' ? change(reply) : reply);
    const wrapped: TradingVenue = {
      rules: sound.rules,
      place: async (order, terms) => read(await sound.place(order, terms)),
      cancel: async (symbol, id) => read(await sound.cancel(symbol, id)),
      order: async (symbol, id) => read(await sound.order(symbol, id)),
      openOrders: async (symbol) => read(await sound.openOrders(symbol)),
      fills: async (symbol, range) => read(await sound.fills(symbol, range)),
      balances: async () => read(await sound.balances()),
      clockSkewMs: async () => read(await sound.clockSkewMs()),
    };
    return wrapped;
  },
});

/** Mistakes in the pauses that the venue demands. */
export const PAUSE_DEFECTS: readonly PlantedDefect[] = [
  {
    name: 'a client that reads a ban as an unknown outcome',
    overrides: () => reading((demand) => (demand.banned === true ? { kind: 'unknown', reason: 'Http5xx' } : demand)),
    breaks: [/^I15: .* into a ban/],
    run,
  },
  {
    name: 'a client that reads a limit as an unknown outcome',
    overrides: () => reading((demand) => (demand.banned === true ? demand : { kind: 'unknown', reason: 'Http5xx' })),
    breaks: [/^I15: .* into a limit/],
    run,
  },
  {
    name: 'a client that reads a ban as a limit, which cancellations pass',
    overrides: () => reading(({ kind, retryAfterMs }) => ({ kind, retryAfterMs })),
    breaks: [/^I15: .* sent cancel .* into a ban/],
    run: restingOrders(PAUSING),
  },
  {
    name: 'a client that reads the seconds of Retry-After as milliseconds',
    overrides: () => reading((demand) => ({ ...demand, retryAfterMs: demand.retryAfterMs / 1_000 })),
    breaks: [/^I15: .* into a (ban|limit)/],
    run,
  },
  {
    name: 'a budget that stops cancellations for ten minutes after a ban',
    overrides: () => ({
      budget: (sound) => ({
        take: async (request) =>
          await sound.take({ ...request, bannedForMs: request.bannedForMs > 0 ? KEPT_MS : request.bannedForMs }),
      }),
    }),
    breaks: [/^I15: no cancellation of .* was sent/],
    run: restingOrders(PAUSING),
  },
  {
    name: 'a client that reads the milliseconds of a pause as seconds',
    overrides: () => reading((demand) => ({ ...demand, retryAfterMs: demand.retryAfterMs * 1_000 })),
    breaks: [/^I15: no request was sent/],
    run: restingOrders(PAUSING),
  },
];
