import type { Clock } from '../../../services/shared/runtime/clock.ts';

/** Waits that can be cut short, but not below a minimum of their own. */
export interface Waits {
  /**
   * Resolves after `ms`, when the signal fires, or once `wake` was called during the wait and `atLeastMs` have passed.
   */
  wait(ms: number, until: { readonly atLeastMs: number; readonly signal: AbortSignal }): Promise<void>;
  /** Cuts all current waits short. */
  wake(): void;
}

export function createWaits(clock: Clock): Waits {
  const current = new Set<AbortController>();
  return {
    wait: async (ms, { atLeastMs, signal }) => {
      if (signal.aborted) return;
      const waking = new AbortController();
      const onStop = (): void => waking.abort();
      current.add(waking);
      signal.addEventListener('abort', onStop, { once: true });
      try {
        if (atLeastMs > 0) await clock.sleep(atLeastMs, signal);
        await clock.sleep(ms - atLeastMs, waking.signal);
      } catch {
        // Woken or stopped.
      } finally {
        signal.removeEventListener('abort', onStop);
        current.delete(waking);
      }
    },
    wake: () => {
      for (const waking of current) waking.abort();
    },
  };
}
