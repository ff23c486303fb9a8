import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Reflector } from './reflector.ts';
import { keyOf, refOf, type KubeObject, type Stored } from '../client/resource.ts';

/** The part of a reflector used here, for any kind. */
export type Follower = Pick<Reflector<KubeObject>, 'hasSeen' | 'hasListedSince' | 'requestRelist'> & {
  readonly store: { get(key: string): Stored | undefined };
};

/**
 * Remembers what a reconcile wrote until the cache shows it, so that no reconcile decides on a cache older than its own
 * writes (argo-rollouts#4784: a scale-down decided twice). Bound: one entry for each object that was written within
 * three times `boundMs`; older entries are dropped with the next write.
 */
export interface LastWritten {
  /** Expects a write. `key` is the reconcile's key, `object` the server's response to the write. */
  expectWritten(key: string, follower: Follower, object: Stored): void;
  /** Expects the object to be deleted, replaced, or marked for deletion. */
  expectDeleted(key: string, follower: Follower, object: Stored): void;
  /**
   * Returns whether the cache still lacks one of the key's writes. Past `boundMs` a call may request a list from the
   * reflector, at most once per `boundMs`. After three times `boundMs` it gives up on the write, because lists may fail
   * for much longer than an object may be left alone. The next reconcile then repeats the write.
   */
  pending(key: string): boolean;
}

export interface LastWrittenOptions {
  readonly clock: Clock;
  /**
   * How long to wait for the watch to deliver a write before requesting a list. Default: 5 s. At least 3 s: what a list
   * shows is given to the watch to deliver for 5 s, and the write is given up after three times this bound.
   */
  readonly boundMs?: number;
}

/** The first two bounds request a list each; the third leaves time for the second list. */
const BOUNDS_MAX = 3;

interface Expectation {
  readonly follower: Follower;
  readonly writtenAtMs: number;
  readonly isSeen: () => boolean;
  relistAtMs: number;
}

/** Creates a memory of writes; it expects none at first. */
export function createLastWritten({ clock, boundMs = 5_000 }: LastWrittenOptions): LastWritten {
  const byKey = new Map<string, Map<string, Expectation>>();

  function expect(key: string, id: string, expectation: Pick<Expectation, 'follower' | 'isSeen'>): void {
    const nowMs = clock.monotonicMs();
    forgetExpired(nowMs);
    const expectations = byKey.get(key) ?? new Map<string, Expectation>();
    byKey.set(key, expectations.set(id, { ...expectation, writtenAtMs: nowMs, relistAtMs: nowMs + boundMs }));
  }

  const isExpired = ({ writtenAtMs }: Expectation, nowMs: number): boolean =>
    nowMs >= writtenAtMs + BOUNDS_MAX * boundMs;

  /** The key of an object that was deleted is never asked for again. */
  function forgetExpired(nowMs: number): void {
    for (const [key, expectations] of byKey) {
      for (const [id, expectation] of expectations) if (isExpired(expectation, nowMs)) expectations.delete(id);
      if (expectations.size === 0) byKey.delete(key);
    }
  }

  function isOpen(expectation: Expectation): boolean {
    // A list begun after the write shows it, or shows that it has been undone since.
    if (expectation.isSeen() || expectation.follower.hasListedSince(expectation.writtenAtMs)) return false;
    const nowMs = clock.monotonicMs();
    if (isExpired(expectation, nowMs)) return false;
    if (nowMs >= expectation.relistAtMs) {
      expectation.relistAtMs = nowMs + boundMs;
      expectation.follower.requestRelist();
    }
    return true;
  }

  return {
    expectWritten: (key, follower, object) => {
      const { resourceVersion } = object.metadata;
      const isSeen = (): boolean => follower.hasSeen(refOf(object), resourceVersion);
      expect(key, idOf(object), { follower, isSeen });
    },
    expectDeleted: (key, follower, object) => {
      const isSeen = (): boolean => {
        const cached = follower.store.get(keyOf(object))?.metadata;
        return cached?.uid !== object.metadata.uid || cached.deletionTimestamp !== undefined;
      };
      expect(key, idOf(object), { follower, isSeen });
    },
    pending: (key) => {
      const expectations = byKey.get(key);
      for (const [id, expectation] of expectations ?? []) {
        if (!isOpen(expectation)) expectations?.delete(id);
      }
      if (expectations?.size === 0) byKey.delete(key);
      return byKey.has(key);
    },
  };
}

function idOf(object: Stored): string {
  return `${object.kind}/${keyOf(object)}`;
}
