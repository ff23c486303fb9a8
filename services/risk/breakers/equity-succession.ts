import type { Clock } from '../../shared/runtime/clock.ts';
import type { EquityRecord } from '../core/breakers/breaker.ts';

/** How long nobody may have stored the record before a process takes it over that values other assets. */
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
 * two: so the process that stores it goes on, and the other one waits until that one has left.
 */
export function createEquitySuccession(clock: Clock): EquitySuccession {
  let own: number | undefined;
  let seen: { readonly revision: number; readonly sinceMs: number } | undefined;
  return {
    mayReplace: (before, next) => {
      if (before === undefined) return true;
      const nowMs = clock.monotonicMs();
      if (seen?.revision !== before.revision) seen = { revision: before.revision, sinceMs: nowMs };
      if (before.revision === own || basisOf(before) === basisOf(next)) return true;
      return nowMs - seen.sinceMs >= LEFT_MS;
    },
    onStored: ({ revision }) => {
      own = revision + 1;
    },
  };
}

function basisOf({ currency, assets }: EquityRecord): string {
  return JSON.stringify([currency, assets]);
}
