import type { HandOver } from './hand-over.ts';
import type { SenderChange } from './sender-changes.ts';

/** Warm: the version that is to send again has a process that waits. Cold: it is started first. */
export type Start = 'warm' | 'cold';

/** A change of version that was asked for. */
export interface AskedSwap {
  readonly start: Start;
  /** When the change was sent to the API server, in UTC milliseconds. */
  readonly askedMs: number;
}

/** One swap as the venue saw it. Durations are in milliseconds. */
export interface SwapSample {
  readonly start: Start;
  readonly overlap: number;
  readonly gapMs: number;
  /** From the request for the change until the first order of the version that was asked for. */
  readonly wholeMs: number;
  /** Undefined if the old sender was not drained by a request. */
  readonly handOver: HandOver | undefined;
  /** From the permission to send until the first order. */
  readonly firstOrderMs: number | undefined;
}

/** What was seen of a sender while it was swapped. */
export interface SwapRun {
  readonly asked: readonly AskedSwap[];
  readonly changes: readonly SenderChange[];
  readonly handOvers: readonly HandOver[];
}

/**
 * Returns a sample for each change that was asked for. The last change of the sender before the next request is that of
 * the version that was asked for. When a swap took several, its gap is the longest one. Throws RangeError for a swap
 * without any.
 */
export function samplesOf({ asked, changes, handOvers }: SwapRun): readonly SwapSample[] {
  return asked.map(({ start, askedMs }, index) => {
    const endMs = asked[index + 1]?.askedMs ?? Number.POSITIVE_INFINITY;
    const own = changes.filter(({ firstMs }) => firstMs >= askedMs && firstMs < endMs);
    const last = own.at(-1);
    if (last === undefined) throw new RangeError(`no order of another sender after swap ${index + 1}`);
    const handOver = handOvers.find(({ epoch }) => epoch === last.epoch);
    return {
      start,
      overlap: own.reduce((sum, { overlap }) => sum + overlap, 0),
      gapMs: Math.max(...own.map(({ gapMs }) => gapMs)),
      wholeMs: last.firstMs - askedMs,
      handOver,
      firstOrderMs: handOver === undefined ? undefined : last.firstMs - handOver.mayMs,
    };
  });
}
