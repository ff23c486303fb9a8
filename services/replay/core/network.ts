import { createRandom } from '../../exchange-simulator/core/random.ts';
import type { VenueReply } from '../../shared/domain/venue-reply.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * What becomes of a request: the venue never sees it, or does what it asks and the answer is lost, or sees it when the client has given up and perhaps
 * another one sends.
 */
export type Fate = 'Delivered' | 'RequestLost' | 'ReplyLost' | 'RequestLate';

/** Delays in milliseconds, one way, and losses. */
export interface Network {
  readonly requestMs: () => number;
  /** Of a request that is late. */
  readonly lateMs: () => number;
  readonly replyMs: () => number;
  /** From the venue's event to our receipt, by one of its streams. */
  readonly pushMs: () => number;
  /** Between two of our own processes, through Redis. */
  readonly hopMs: () => number;
  /** To the database, and back from it. */
  readonly statementMs: () => number;
  /** `troubled`: a sender is being replaced, and the order that it has sent last hangs somewhere. */
  readonly fate: (troubled: boolean) => Fate;
  /** How long the venue's answers leave out an order that it has taken. */
  readonly hiddenMs: () => number;
  /** Whether a push of the private stream is lost. */
  readonly losesPush: () => boolean;
  /** The wall clock of one more process: by how much it is ahead of the venue's when the process is so old. */
  readonly clockOf: () => (ageMs: number) => number;
  /** Whether a statement does not reach the database, or its answer does not come back. */
  readonly losesStatement: () => boolean;
}

/** Constant delays, nothing lost. */
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
 * Delays that vary more than a hundredfold, and requests, replies, pushes and statements that get lost; the same for the same seed. With every third
 * seed the private stream is so bad that what became of an order is mostly learnt by asking.
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

/** Off by what execution allows, and set once for ten seconds: every other time by little, else by up to three seconds, mostly more than it allows. */
function steppingClock(random: () => number): (ageMs: number) => number {
  const steadyMs = Math.round(700 * (random() - 0.5));
  const stepMs = Math.round((random() < 0.5 ? 300 : 6_000) * (random() - 0.5));
  const fromMs = 5_000 + 40_000 * random();
  return (ageMs) => (ageMs >= fromMs && ageMs < fromMs + 10_000 ? steadyMs + stepMs : steadyMs);
}

/** The network, which loses nothing any more once `isCalm` says so. */
export function calmedNetwork(network: Network, isCalm: () => boolean): Network {
  return {
    ...network,
    fate: (troubled) => (isCalm() ? 'Delivered' : network.fate(troubled)),
    losesPush: () => !isCalm() && network.losesPush(),
    losesStatement: () => !isCalm() && network.losesStatement(),
  };
}

/** Has `work` done by the venue; resolves exactly once, at the latest with the client's time-out. */
export type Request = <T>(work: () => VenueReply<T>, troubled?: boolean) => Promise<VenueReply<T>>;

/** The client gives up waiting for a reply. */
const TIMEOUT_MS = 1_000;

/** Requests that take time and get lost as the network has it. */
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
