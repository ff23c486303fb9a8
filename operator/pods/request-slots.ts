/** What the last request to a process led to. */
export type SlotKind = 'Answering' | 'New' | 'Silent';

/** Bounds the number of requests in flight. */
export interface RequestSlots {
  /** Waits for a slot. Returns the function that releases it, to be called once. Rejects when the signal is aborted. */
  take(kind: SlotKind, signal: AbortSignal): Promise<() => void>;
}

/**
 * Share of the slots up to which a request of each kind is started, first kind first. A silent process holds a slot
 * until the deadline, an answering one for some milliseconds, so however many processes are silent or new, a quarter of
 * the slots is left to those that answer.
 */
const SHARES: Readonly<Record<SlotKind, number>> = { Answering: 1, New: 0.75, Silent: 0.5 };
const KINDS: readonly SlotKind[] = ['Answering', 'New', 'Silent'];

export function createRequestSlots(total: number): RequestSlots {
  const waiting: Readonly<Record<SlotKind, Set<() => void>>> = {
    Answering: new Set(),
    New: new Set(),
    Silent: new Set(),
  };
  let inFlight = 0;

  function admit(): void {
    for (const kind of KINDS) {
      for (const start of waiting[kind]) {
        if (inFlight >= Math.max(1, Math.floor(total * SHARES[kind]))) break;
        waiting[kind].delete(start);
        inFlight += 1;
        start();
      }
    }
  }

  function release(): void {
    inFlight -= 1;
    admit();
  }

  return {
    take: async (kind, signal) => {
      signal.throwIfAborted();
      return await new Promise<() => void>((resolve, reject) => {
        const withdraw = (): void => {
          waiting[kind].delete(start);
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        const start = (): void => {
          signal.removeEventListener('abort', withdraw);
          resolve(release);
        };
        signal.addEventListener('abort', withdraw, { once: true });
        waiting[kind].add(start);
        admit();
      });
    },
  };
}
