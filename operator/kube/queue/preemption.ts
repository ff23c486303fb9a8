import { KubeError } from '../client/kube-error.ts';

/** One reconcile of a key. */
export interface PreemptibleRun {
  /** Returns whether a high-priority add has aborted this reconcile. */
  preempted(): boolean;
  /** Records that the reconcile has ended. */
  end(): void;
}

/** Aborts reconciles that have become outdated, so that an urgent change does not wait for their writes. */
export interface Preemption {
  /** Records that the reconcile of `key`, which `cancel` aborts, is starting. */
  begin(key: string, cancel: AbortController): PreemptibleRun;
  /** Aborts the running reconcile of `key`, if there is one, with KubeError `Aborted`. */
  request(key: string, preempts?: Preempts): void;
}

/** `Always` is for a change that must not wait for the writes of any reconcile, however many it has aborted. */
export type Preempts = 'AtMostInARow' | 'Always';

/**
 * A stream of urgent changes may abort this many reconciles of a key in a row. The next one then runs to its end, so
 * that the key makes progress.
 */
const IN_A_ROW_MAX = 3;

/** Creates a memory of running reconciles. Bound: one entry for each key that is reconciled or was just aborted. */
export function createPreemption(): Preemption {
  const running = new Map<string, { readonly cancel: AbortController; preempted: boolean }>();
  const inARow = new Map<string, number>();

  return {
    begin: (key, cancel) => {
      const run = { cancel, preempted: false };
      running.set(key, run);
      return {
        preempted: () => run.preempted,
        end: () => {
          running.delete(key);
          // The add that aborted a reconcile also requeued its key, so another reconcile follows and clears the count.
          if (!run.preempted) inARow.delete(key);
        },
      };
    },
    request: (key, preempts = 'AtMostInARow') => {
      const run = running.get(key);
      const count = inARow.get(key) ?? 0;
      const isSpent = preempts === 'AtMostInARow' && count >= IN_A_ROW_MAX;
      if (run === undefined || run.cancel.signal.aborted || isSpent) return;
      run.preempted = true;
      inARow.set(key, count + 1);
      run.cancel.abort(new KubeError('Aborted', 'an urgent change has pre-empted the reconcile'));
    },
  };
}
