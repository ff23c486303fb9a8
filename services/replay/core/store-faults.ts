import { createRandom } from '../../exchange-simulator/core/random.ts';

/** What happens to the database beside lost statements. */
export interface StoreFaults {
  /** Further time of a statement, in milliseconds. */
  readonly slowMs: () => number;
  /** Whether the answer to a COMMIT is lost, after the commit. */
  readonly losesCommit: () => boolean;
  /** For how long the orders are still locked, in milliseconds: 0 while they are not. `afterMs`: of the run. */
  readonly lockedForMs: (afterMs: number) => number;
  /** For how long the orders are locked in the whole run, in milliseconds. */
  readonly lockMs: number;
}

export const SOUND_STORE: StoreFaults = { slowMs: () => 0, losesCommit: () => false, lockedForMs: () => 0, lockMs: 0 };

/** How long somebody else locks the orders. Milliseconds. */
const LOCK_MS = 30_000;
/** Below the statement timeout of every service: a slower one would be an error. */
const SLOWEST_MS = 2_400;

/**
 * Slow statements, lost answers to a COMMIT and, in half of the seeds, a lock of 30 s in a run of `playMs`; the same
 * for the same seed.
 */
export function faultyStore(seed: number, playMs: number): StoreFaults {
  const random = createRandom(seed + 600);
  const fromMs =
    random() < 0.5 ? Math.round(10_000 + random() * (playMs - LOCK_MS - 10_000)) : Number.POSITIVE_INFINITY;
  return {
    slowMs: () => (random() < 0.003 ? Math.round(SLOWEST_MS * random()) : 0),
    losesCommit: () => random() < 0.005,
    lockedForMs: (afterMs) => (afterMs < fromMs ? 0 : Math.max(0, Math.ceil(fromMs + LOCK_MS - afterMs))),
    lockMs: fromMs === Number.POSITIVE_INFINITY ? 0 : LOCK_MS,
  };
}

/** Returns the database without faults once `isCalm` returns true. */
export function calmedStore(faults: StoreFaults, isCalm: () => boolean): StoreFaults {
  const now = (): StoreFaults => (isCalm() ? SOUND_STORE : faults);
  return {
    slowMs: () => now().slowMs(),
    losesCommit: () => now().losesCommit(),
    lockedForMs: (afterMs) => now().lockedForMs(afterMs),
    lockMs: faults.lockMs,
  };
}
