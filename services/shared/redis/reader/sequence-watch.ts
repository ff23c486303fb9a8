import type { StreamEntry } from '../stream-entry.ts';

export interface SequenceGap {
  readonly stream: string;
  readonly producer: string;
  readonly expected: number;
  readonly received: number;
}

/** Returns the run of the producer and the sequence number of the entry. Numbers increase by one per entry. */
export type SequenceOf<T> = (payload: T) => { readonly producer: string; readonly seq: number };

/**
 * Detects entries lost to trimming or a lost reply, which the lag of the group never shows. Pass entries in the order
 * of their stream. A new producer starts a new sequence; a number seen before (a redelivery) is not a gap.
 */
export function createSequenceWatch<T>(
  sequenceOf: SequenceOf<T>,
  onGap: (gap: SequenceGap) => void,
): (entry: StreamEntry<T>) => void {
  const last = new Map<string, { readonly producer: string; readonly seq: number }>();
  return ({ stream, payload }) => {
    const { producer, seq } = sequenceOf(payload);
    const previous = last.get(stream);
    if (previous?.producer === producer && seq <= previous.seq) return;
    if (previous?.producer === producer && seq > previous.seq + 1) {
      onGap({ stream, producer, expected: previous.seq + 1, received: seq });
    }
    last.set(stream, { producer, seq });
  };
}
