import type { StreamEntry } from '../stream-entry.ts';

export interface SequenceGap {
  readonly stream: string;
  readonly producer: string;
  readonly expected: number;
  readonly received: number;
}

/** The run of the producer and the number that it gave the entry, each one above the last. */
export type SequenceOf<T> = (payload: T) => { readonly producer: string; readonly seq: number };

/**
 * Finds what trimming or a lost reply took away, which the group's lag never shows. Entries are fed in the order of their stream;
 * a new producer starts a new sequence, a number seen before (a redelivery) is no gap.
 */
export function createSequenceWatch<T>(
  sequenceOf: SequenceOf<T>,
  onGap: (gap: SequenceGap) => void,
): (entry: StreamEntry<T>) => void {
  const last = new Map<string, { readonly producer: string; readonly seq: number }>();
  return ({ stream, payload }) => {
    const { producer, seq } = sequenceOf(payload);
    const before = last.get(stream);
    if (before?.producer === producer && seq <= before.seq) return;
    if (before?.producer === producer && seq > before.seq + 1) {
      onGap({ stream, producer, expected: before.seq + 1, received: seq });
    }
    last.set(stream, { producer, seq });
  };
}
