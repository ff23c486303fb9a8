import type { Clock } from '../../shared/runtime/clock.ts';
import type { EquityRecord } from '../core/breakers/breaker.ts';

/** How long no process may have stored the record before a process that was replaced stores it again. */
const LEFT_MS = 15_000;

/** Which of the processes stores the record of the equity, while those of two releases run side by side. */
export interface EquitySuccession {
  /** Whether this process may replace the record that it has read by this one. */
  readonly mayReplace: (before: EquityRecord | undefined, next: EquityRecord) => boolean;
  /** Notes that this process has stored a record: the next revision is its own. */
  readonly onStored: (record: EquityRecord) => void;
}

/**
 * Creates the memory of who stores the record. Two releases with other pairs or another currency value the account
 * differently. If both stored it in turn, what is bought or sold in between would count as a transfer at one of the
 * two. So a process that has stored nothing takes the record over at once, and one that was replaced waits until the
 * other has left: the process that started last stores it, and the one before again after a rollback.
 */
export function createEquitySuccession(clock: Clock): EquitySuccession {
  let own: number | undefined;
  let seen: { readonly revision: number; readonly sinceMs: number } | undefined;
  return {
    mayReplace: (before, next) => {
      if (before === undefined || own === undefined || before.revision === own) return true;
      const nowMs = clock.monotonicMs();
      if (seen?.revision !== before.revision) seen = { revision: before.revision, sinceMs: nowMs };
      return basisOf(before) === basisOf(next) || nowMs - seen.sinceMs >= LEFT_MS;
    },
    onStored: ({ revision }) => {
      own = revision + 1;
    },
  };
}

function basisOf({ currency, assets }: EquityRecord): string {
  return JSON.stringify([currency, assets]);
}
