import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/**
 * Remembers what this process has read of the trading state from each resource, whether or not the status has it. A
 * request that was shown only for a moment, or whose status could not be written, can so be lifted like any other.
 */
export interface SeenRequests {
  /** Returns the last records of a stack; none of another one of its name, or from before a restore of the resource. */
  of(key: string, stack: StackVersion): readonly SourceStatus[];
  note(key: string, stack: StackVersion, records: readonly SourceStatus[]): void;
  forget(key: string): void;
}

/** The generation of a resource only grows, unless the resource was restored. */
export interface StackVersion {
  readonly uid: string;
  readonly generation: number;
}

/** Bound: one record for each source of each stack. */
export function createSeenRequests(): SeenRequests {
  const seen = new Map<string, StackVersion & { readonly records: readonly SourceStatus[] }>();
  return {
    of: (key, { uid, generation }) => {
      const found = seen.get(key);
      return found?.uid === uid && found.generation <= generation ? found.records : [];
    },
    note: (key, { uid, generation }, records) => {
      seen.set(key, { uid, generation, records: records.filter(({ unshown }) => unshown !== true) });
    },
    forget: (key) => void seen.delete(key),
  };
}
