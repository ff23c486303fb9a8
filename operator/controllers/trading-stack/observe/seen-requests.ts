import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/**
 * Remembers what this process has read of the trading state from each resource, whether or not the status has it. A
 * request that was shown only for a moment, or whose status could not be written, can so be lifted like any other.
 */
export interface SeenRequests {
  /** Returns the last records of a stack; none if another one had its name. */
  of(key: string, uid: string): readonly SourceStatus[];
  note(key: string, uid: string, records: readonly SourceStatus[]): void;
  forget(key: string): void;
}

/** Bound: one record for each source of each stack. */
export function createSeenRequests(): SeenRequests {
  const seen = new Map<string, { readonly uid: string; readonly records: readonly SourceStatus[] }>();
  return {
    of: (key, uid) => {
      const found = seen.get(key);
      return found?.uid === uid ? found.records : [];
    },
    note: (key, uid, records) => {
      seen.set(key, { uid, records: records.filter(({ unshown }) => unshown !== true) });
    },
    forget: (key) => void seen.delete(key),
  };
}
