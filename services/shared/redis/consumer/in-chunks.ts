import type { BatchHandler, Outcome } from './settle-batch.ts';
import type { StreamEntry } from '../stream-entry.ts';

/**
 * Returns a batch handler that passes at most `size` entries at a time to `handle`, in order. Outcomes survive an error
 * in the middle of a batch: a retry does not repeat completed chunks.
 */
export function inChunks<T>(size: number, handle: BatchHandler<T>): BatchHandler<T> {
  const done = new WeakMap<StreamEntry<T>, Outcome>();
  return async (entries, signal) => {
    const open = entries.filter((entry) => !done.has(entry));
    for (let start = 0; start < open.length; start += size) {
      const chunk = open.slice(start, start + size);
      const outcomes = await handle(chunk, signal);
      for (const [index, entry] of chunk.entries()) done.set(entry, outcomeAt(outcomes, index));
    }
    return entries.map((entry) => outcomeAt([done.get(entry)], 0));
  };
}

function outcomeAt(outcomes: readonly (Outcome | undefined)[], index: number): Outcome {
  const outcome = outcomes[index];
  if (outcome === undefined) throw new Error('the handler returned fewer outcomes than entries');
  return outcome;
}
