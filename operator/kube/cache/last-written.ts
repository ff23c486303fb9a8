import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Reflector } from './reflector.ts';
import { keyOf, refOf, type KubeObject, type Stored } from '../client/resource.ts';

/** What this needs of a reflector, whatever the kind it follows. */
export type Follower = Pick<Reflector<KubeObject>, 'hasSeen' | 'hasListedSince' | 'requestRelist'> & {
  readonly store: { get(key: string): Stored | undefined };
};

/**
 * Remembers what a reconcile wrote until the cache shows it, so that no reconcile decides on a cache older than its own
 * writes (argo-rollouts#4784: a scale-down decided twice). Bound: one entry for each object a key wrote and not yet saw.
 */
export interface LastWritten {
  /** `key` is the reconcile's key, `object` what the server answered to the write. */
  expectWritten(key: string, follower: Follower, object: Stored): void;
  /** The object is to be gone, replaced, or on its way out. */
  expectDeleted(key: string, follower: Follower, object: Stored): void;
  /** Whether something is still unseen. Past the bound each call may ask the reflector for a list. */
  pending(key: string): boolean;
}

export interface LastWrittenOptions {
  readonly clock: Clock;
  /** After this the watch is not trusted to bring it any more, 5 s unless told. */
  readonly boundMs?: number;
}

interface Expectation {
  readonly follower: Follower;
  readonly writtenAtMs: number;
  readonly isSeen: () => boolean;
  relistAtMs: number;
}

export function createLastWritten({ clock, boundMs = 5000 }: LastWrittenOptions): LastWritten {
  const byKey = new Map<string, Map<string, Expectation>>();

  function expect(key: string, id: string, expectation: Pick<Expectation, 'follower' | 'isSeen'>): void {
    const nowMs = clock.monotonicMs();
    const expectations = byKey.get(key) ?? new Map<string, Expectation>();
    byKey.set(key, expectations.set(id, { ...expectation, writtenAtMs: nowMs, relistAtMs: nowMs + boundMs }));
  }

  function isOpen(expectation: Expectation): boolean {
    // A list begun after the write shows it, or shows that it was undone since.
    if (expectation.isSeen() || expectation.follower.hasListedSince(expectation.writtenAtMs)) return false;
    const nowMs = clock.monotonicMs();
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
