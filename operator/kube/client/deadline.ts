import type { Clock } from '../../../services/shared/runtime/clock.ts';
import { KubeError } from './kube-error.ts';

export interface Deadline {
  readonly clock: Clock;
  readonly ms: number;
  /** Cancels the work on behalf of the caller. */
  readonly signal?: AbortSignal | undefined;
  /** Cancels the work of a process that has lost its lease. */
  readonly lost?: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that fires at the deadline or when the caller's signal fires. Settles at that moment even
 * if `work` ignores its signal. Rejects with KubeError `Timeout` or `Aborted`.
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, ms, signal, lost } = deadline;
  const expired = new AbortController();
  const timer = new AbortController();
  const onAbort = (): void =>
    expired.abort(new KubeError('Aborted', 'the caller cancelled the request', { cause: signal?.reason }));
  const onLost = (): void => expired.abort(new KubeError('Aborted', 'the leader lease was lost'));
  const cancelled = new Promise<never>((_resolve, reject) => {
    expired.signal.addEventListener('abort', () => reject(expired.signal.reason as KubeError), { once: true });
  });
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (lost?.aborted === true) onLost();
  lost?.addEventListener('abort', onLost, { once: true });
  clock.sleep(ms, timer.signal).then(
    () => expired.abort(new KubeError('Timeout', `no answer within ${ms} ms`)),
    () => undefined,
  );
  try {
    return await Promise.race([cancelled, work(expired.signal)]);
  } finally {
    timer.abort();
    signal?.removeEventListener('abort', onAbort);
    lost?.removeEventListener('abort', onLost);
  }
}
