import { createRandom } from '../../services/exchange-simulator/core/random.ts';
import type { VenueReply } from '../../services/shared/domain/venue-reply.ts';
import type { Scheduler } from './scheduler.ts';

/** What becomes of a request: the venue never sees it, or does what it asks and the answer is lost. */
export type Fate = 'Delivered' | 'RequestLost' | 'ReplyLost';

/** Delays in milliseconds, one way, and losses. */
export interface Network {
  readonly requestMs: () => number;
  readonly replyMs: () => number;
  /** From the venue's event to our receipt, by one of its streams. */
  readonly pushMs: () => number;
  /** Between two of our own processes, through Redis. */
  readonly hopMs: () => number;
  /** From the statement to the commit. */
  readonly commitMs: () => number;
  readonly fate: () => Fate;
  /** Whether a push of the private stream is lost. */
  readonly losesPush: () => boolean;
}

/** Constant delays, nothing lost. */
export const QUIET_NETWORK: Network = {
  requestMs: () => 4,
  replyMs: () => 4,
  pushMs: () => 5,
  hopMs: () => 1,
  commitMs: () => 1,
  fate: () => 'Delivered',
  losesPush: () => false,
};

/**
 * Delays that vary more than a hundredfold, and requests, replies and pushes that get lost; the same for the same seed. With every third seed the
 * private stream is so bad that what became of an order is mostly learnt by asking.
 */
export function faultyNetwork(seed: number): Network {
  const random = createRandom(seed);
  const pushLoss = seed % 3 === 0 ? 0.7 : 0.1;
  const between = (min: number, max: number) => () => Math.round(min + (max - min) * random() ** 4);
  return {
    requestMs: between(1, 200),
    replyMs: between(1, 200),
    pushMs: between(1, 250),
    hopMs: between(0, 50),
    commitMs: between(0, 20),
    fate: () => {
      const draw = random();
      if (draw < 0.05) return 'RequestLost';
      return draw < 0.15 ? 'ReplyLost' : 'Delivered';
    },
    losesPush: () => random() < pushLoss,
  };
}

export type Answer<T> = (reply: VenueReply<T>) => void;
/** Has `work` done by the venue; every request is answered exactly once, at the latest by the client's time-out. */
export type Request = <T>(work: () => VenueReply<T>, answer: Answer<T>) => void;

/** The client gives up waiting for a reply. */
const TIMEOUT_MS = 1_000;

/** Requests that take time and get lost as the network has it. */
export function requestsThrough(network: Network, scheduler: Scheduler): Request {
  return (work, answer) => {
    let answered = false;
    const once = (reply: Parameters<typeof answer>[0]): void => {
      if (answered) return;
      answered = true;
      answer(reply);
    };
    scheduler.after(TIMEOUT_MS, () => once({ kind: 'unknown', reason: 'Timeout' }));
    const fate = network.fate();
    if (fate === 'RequestLost') return;
    scheduler.after(network.requestMs(), () => {
      const reply = work();
      if (fate === 'Delivered') scheduler.after(network.replyMs(), () => once(reply));
    });
  };
}
