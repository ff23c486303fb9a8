import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from '../cluster-error.ts';

export interface WaitOptions {
  readonly seconds: number;
  /** Called between tries: throws where waiting on has no point, as when the process in question is dead. */
  readonly stillPossible?: () => void;
  readonly intervalMs?: number;
}

/** Repeats `check` until it returns true. Throws a `ClusterError` with `what` when the time is over. */
export async function waitUntil(what: string, check: () => Promise<boolean>, options: WaitOptions): Promise<void> {
  const deadline = performance.now() + options.seconds * 1000;
  while (!(await check())) {
    options.stillPossible?.();
    if (performance.now() > deadline) throw new ClusterError('failed', `${what}: not so after ${options.seconds} s`);
    await delay(options.intervalMs ?? 100);
  }
}
