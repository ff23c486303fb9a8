import type { Side } from '../../../shared/domain/side.ts';
import { EXITS_IN_A_ROW } from './exits-in-a-row.ts';
import type { QueuedOrder } from './next-order.ts';

/** Runs work on an order in its turn. A failure rejects only its own caller. */
export type ExitsFirstQueues = <T>(order: QueuedOrder, work: () => Promise<T>) => Promise<T>;

/** Returns a queue of this width for each instrument: one for which the venue does not answer holds up no other. */
export function createExitsFirstQueues(width: number): ExitsFirstQueues {
  const queues = new Map<string, ExitsFirstQueue>();
  return async ({ side, symbol }, work) => {
    const queue = queues.get(symbol) ?? createExitsFirstQueue(width);
    queues.set(symbol, queue);
    return await queue(side, work);
  };
}

type ExitsFirstQueue = <T>(side: Side, work: () => Promise<T>) => Promise<T>;

/**
 * Returns a queue that runs at most `width` pieces of work at a time: exits before entries, each in the order of the
 * calls. After a row of exits, an entry that waits has its turn, so that none waits for ever. A failure rejects only
 * its own caller.
 */
export function createExitsFirstQueue(width: number): ExitsFirstQueue {
  const waiting: Record<Side, (() => void)[]> = { sell: [], buy: [] };
  let running = 0;
  let exitsInARow = 0;

  const startNext = (): void => {
    const { sell: exits, buy: entries } = waiting;
    const exit = exits.length > 0 && (entries.length === 0 || exitsInARow < EXITS_IN_A_ROW);
    exitsInARow = exit && entries.length > 0 ? exitsInARow + 1 : 0;
    const next = exit ? exits.shift() : entries.shift();
    // The next one takes over the place of this one.
    if (next === undefined) running -= 1;
    else next();
  };

  return async (side, work) => {
    if (running >= width) {
      await new Promise<void>((resolve) => {
        waiting[side].push(resolve);
      });
    } else running += 1;
    try {
      return await work();
    } finally {
      startNext();
    }
  };
}
