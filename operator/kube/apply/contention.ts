import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { ApplyMetrics } from '../metrics.ts';

/** A field of an object that differs from what was applied last, and who set it. */
export interface Drift {
  readonly path: readonly string[];
  /** Field managers; empty if unknown, such as for a field that was removed or changed by an admission policy. */
  readonly managers: readonly string[];
}

export interface NamedObject {
  readonly kind: string;
  readonly name: string;
}

/** An object that others change repeatedly. */
export interface Contested extends NamedObject, Drift {}

/**
 * Remembers repairs of drift, so that a change that somebody else repeats (another controller, a mutating
 * policy) is not fought at full speed. An object is contested from its third repair within a minute. From then on
 * repairs wait, twice as long after each, from 5 s up to a minute. It is contested until it has been as desired for a
 * minute after its last repair. Bound: one entry for each object that was repaired in the last few minutes.
 */
export interface Contention {
  /** Returns for how long a repair of the object must wait, in ms; 0 if it need not. */
  waitMs(key: string, object: NamedObject): number;
  /** Records a repair of the object, and returns whether the object is contested from now on and was not before. */
  repaired(key: string, object: NamedObject, drift: Drift): boolean;
  /** Returns the contested objects of a key. */
  contested(key: string): readonly Contested[];
}

const WINDOW_MS = 60_000;
const REPAIRS_MAX = 3;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

interface Repairs {
  readonly key: string;
  readonly object: NamedObject;
  /** Times of repairs within the window, on the monotonic clock. */
  readonly atMs: readonly number[];
  readonly drift: Drift;
  /** 0 while the object is not contested. */
  waitMs: number;
}

export interface ContentionOptions {
  readonly clock: Clock;
  readonly metrics?: ApplyMetrics;
}

/** Creates an empty memory. `key` is the reconcile's key, `object` names the object among those of the key. */
export function createContention({ clock, metrics }: ContentionOptions): Contention {
  const all = new Map<string, Repairs>();

  function isOver({ atMs, waitMs }: Repairs): boolean {
    return clock.monotonicMs() - lastOf(atMs) >= waitMs + WINDOW_MS;
  }

  function repairsOf(key: string, { kind, name }: NamedObject): Pick<Repairs, 'atMs' | 'waitMs'> {
    const repairs = all.get(idOf(key, { kind, name }));
    return repairs === undefined || isOver(repairs) ? { atMs: [], waitMs: 0 } : repairs;
  }

  return {
    waitMs: (key, object) => {
      const { atMs, waitMs } = repairsOf(key, object);
      return Math.max(0, lastOf(atMs) + waitMs - clock.monotonicMs());
    },
    repaired: (key, { kind, name }, drift) => {
      for (const [id, repairs] of all) if (isOver(repairs)) all.delete(id);
      const object = { kind, name };
      const before = repairsOf(key, object);
      const nowMs = clock.monotonicMs();
      const atMs = [...before.atMs.filter((repairedMs) => nowMs - repairedMs < WINDOW_MS), nowMs];
      const waitMs = nextWaitMs(before.waitMs, atMs.length);
      all.set(idOf(key, object), { key, object, drift, atMs, waitMs });
      metrics?.repairs.inc({ kind });
      const becameContested = before.waitMs === 0 && waitMs > 0;
      if (becameContested) metrics?.contested.inc({ kind });
      return becameContested;
    },
    contested: (key) =>
      [...all.values()]
        .filter((repairs) => repairs.key === key && repairs.waitMs > 0 && !isOver(repairs))
        .map(({ object, drift }) => ({ ...object, ...drift })),
  };
}

function lastOf(atMs: readonly number[]): number {
  return atMs.at(-1) ?? Number.NEGATIVE_INFINITY;
}

function nextWaitMs(waitMs: number, repairs: number): number {
  if (waitMs > 0) return Math.min(LONGEST_WAIT_MS, waitMs * 2);
  return repairs < REPAIRS_MAX ? 0 : FIRST_WAIT_MS;
}

function idOf(key: string, { kind, name }: NamedObject): string {
  return `${key} ${kind}/${name}`;
}
