import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import { failed, OK, type CheckResult } from './health.ts';
import type { Logger } from './logger.ts';
import type { ServicePart } from './service-part.ts';

export interface PeriodicOptions {
  readonly name: string;
  /** Pause between the end of one pass and the start of the next. */
  readonly intervalMs: number;
  readonly task: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the first pass runs at the start. Default: true. */
  readonly immediately?: boolean;
}

export interface Periodic extends ServicePart {
  /** Starts the next pass at once. During a pass, one follows without a pause. */
  wake(): void;
  /** Milliseconds since the last successful pass; null before the first. */
  lastSuccessAgeMs(): number | null;
  /** Fails if no pass has succeeded within `maxAgeMs`, with the error of the last pass. */
  check(maxAgeMs: number): CheckResult;
}

/** Runs a task periodically, one pass at a time. A failed pass is logged; the next one runs at its usual time. */
export function periodic(options: PeriodicOptions): Periodic {
  const { name, intervalMs, task, clock, log, immediately = true } = options;
  let succeededMs: number | undefined;
  let lastError = 'has not run yet';
  /** Aborted when the next pass should start, and replaced only then: most pauses end by time. */
  let resting = new AbortController();

  const runPass = async (signal: AbortSignal): Promise<void> => {
    try {
      await task(signal);
      succeededMs = clock.monotonicMs();
      lastError = '';
    } catch (error) {
      if (signal.aborted) return;
      lastError = messageOf(error);
      log.warn({ task: name, err: error }, 'periodic task failed');
    }
  };
  const rest = async (): Promise<void> => {
    await pause(clock, intervalMs, resting.signal);
    if (resting.signal.aborted) resting = new AbortController();
  };
  const lastSuccessAgeMs = (): number | null => (succeededMs === undefined ? null : clock.monotonicMs() - succeededMs);

  return {
    name,
    run: async (signal) => {
      const end = (): void => resting.abort();
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
      if (!immediately) await rest();
      while (!signal.aborted) {
        await runPass(signal);
        await rest();
      }
      signal.removeEventListener('abort', end);
    },
    wake: () => resting.abort(),
    lastSuccessAgeMs,
    check: (maxAgeMs) => {
      const ageMs = lastSuccessAgeMs();
      if (ageMs !== null && ageMs <= maxAgeMs) return OK;
      return failed('TaskFailing', ageMs === null ? lastError : `no success for ${Math.round(ageMs)} ms: ${lastError}`);
    },
  };
}

/** Sleeps for `ms`. Resolves early, without an error, when the signal is aborted. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
