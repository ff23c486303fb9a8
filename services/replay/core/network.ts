import { createRandom } from '../../exchange-simulator/core/random.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * Outcome of a request. `RequestLost`: the venue never receives it. `ReplyLost`: the venue executes it, but the reply
 * is lost. `RequestLate`: the venue receives it after the client has given up, perhaps when another sender is active.
 */
export type Fate = 'Delivered' | 'RequestLost' | 'ReplyLost' | 'RequestLate';

/** One-way delays in milliseconds, and losses. */
export interface Network {
  readonly requestMs: () => number;
  /** Delay of a late request. */
  readonly lateMs: () => number;
  readonly replyMs: () => number;
  /** Delay from the venue's event to our receipt, over one of its streams. */
  readonly pushMs: () => number;
  /** Delay between two of our own processes, through Redis. */
  readonly hopMs: () => number;
  /** Delay to the database and back. */
  readonly statementMs: () => number;
  /** Draws the outcome of a request. `troubled`: a sender is being replaced, and its last order is still in transit. */
  readonly fate: (troubled: boolean) => Fate;
  /** How long the venue's answers omit an order that it has accepted. */
  readonly hiddenMs: () => number;
  /** Whether a push of the private stream is lost. */
  readonly losesPush: () => boolean;
  /**
   * Creates the wall clock of a new process: returns by how much it is ahead of the venue's clock at a given process
   * age.
   */
  readonly clockOf: () => (ageMs: number) => number;
  /** Whether a statement or its answer is lost. */
  readonly losesStatement: () => boolean;
}

/** Constant delays, no losses. */
export const QUIET_NETWORK: Network = {
  requestMs: () => 4,
  lateMs: () => 4,
  replyMs: () => 4,
  pushMs: () => 5,
  hopMs: () => 1,
  statementMs: () => 1,
  fate: () => 'Delivered',
  hiddenMs: () => 0,
  clockOf: () => () => 0,
  losesPush: () => false,
  losesStatement: () => false,
};

/**
 * Delays that vary more than a hundredfold, and lost requests, replies, pushes and statements; the same for the same
 * seed. With every third seed the private stream is so lossy that the outcome of an order is mostly learned by querying
 * the venue.
 */
export function faultyNetwork(seed: number): Network {
  const random = createRandom(seed);
  const clocks = createRandom(seed + 500);
  const pushLoss = seed % 3 === 0 ? 0.7 : 0.1;
  const between = (min: number, max: number) => () => Math.round(min + (max - min) * random() ** 4);
  return {
    requestMs: between(1, 200),
    lateMs: () => Math.round(300 + 6_700 * random() ** 2),
    replyMs: between(1, 200),
    pushMs: between(1, 250),
    hopMs: between(0, 50),
    statementMs: between(0, 20),
    fate: (troubled) => {
      const draw = random();
      if (draw < 0.05) return 'RequestLost';
      if (draw < (troubled ? 0.5 : 0.1)) return 'RequestLate';
      return draw < (troubled ? 0.6 : 0.18) ? 'ReplyLost' : 'Delivered';
    },
    hiddenMs: () => (random() < 0.1 ? Math.round(1_900 * random()) : 0),
    clockOf: () => steppingClock(clocks),
    losesPush: () => random() < pushLoss,
    losesStatement: () => random() < 0.003,
  };
}

/**
 * Clock error within execution's bound, plus one step that lasts ten seconds: half of the steps are small, the others
 * up to three seconds, mostly beyond the bound.
 */
function steppingClock(random: () => number): (ageMs: number) => number {
  const steadyMs = Math.round(700 * (random() - 0.5));
  const stepMs = Math.round((random() < 0.5 ? 300 : 6_000) * (random() - 0.5));
  const fromMs = 5_000 + 40_000 * random();
  return (ageMs) => (ageMs >= fromMs && ageMs < fromMs + 10_000 ? steadyMs + stepMs : steadyMs);
}

/** Returns the network without losses, and with exact clocks, once `isCalm` returns true. */
export function calmedNetwork(network: Network, isCalm: () => boolean): Network {
  return {
    ...network,
    fate: (troubled) => (isCalm() ? 'Delivered' : network.fate(troubled)),
    losesPush: () => !isCalm() && network.losesPush(),
    losesStatement: () => !isCalm() && network.losesStatement(),
    clockOf: () => {
      const aheadMs = network.clockOf();
      return (ageMs) => (isCalm() ? 0 : aheadMs(ageMs));
    },
  };
}

/** Runs `work` at the venue. Resolves exactly once, at the latest with the client's timeout. */
export type Request = <T>(work: () => VenueReply<T>, troubled?: boolean) => Promise<VenueReply<T>>;

/** How long the client waits for a reply. */
const TIMEOUT_MS = 1_000;

/** Creates requests with the delays and losses of the network. */
export function requestsThrough(network: Network, scheduler: Scheduler): Request {
  return async (work, troubled = false) =>
    await new Promise((resolve) => {
      scheduler.after(TIMEOUT_MS, () => resolve({ kind: 'unknown', reason: 'Timeout' }));
      const fate = network.fate(troubled);
      if (fate === 'RequestLost') return;
      scheduler.after(fate === 'RequestLate' ? network.lateMs() : network.requestMs(), () => {
        const reply = work();
        if (fate !== 'ReplyLost') scheduler.after(network.replyMs(), () => resolve(reply));
      });
    });
}
