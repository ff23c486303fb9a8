import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is awaited, for the error message. Default: the source of the probe. */
  readonly what?: string;
  readonly withinMs?: number;
  readonly everyMs?: number;
  /** Retries a probe that throws. Default: its error is rethrown. */
  readonly toleratesErrors?: boolean;
}

type Probe<T> = () => T | false | undefined | Promise<T | false | undefined>;

/**
 * Resolves with the first value of `probe` that is neither false nor undefined. Throws, with the last observation, when
 * the time is over.
 */
export async function until<T>(probe: Probe<T>, options: number | UntilOptions = {}): Promise<T> {
  const given = typeof options === 'number' ? { withinMs: options } : options;
  const { what, withinMs, everyMs, toleratesErrors } = { ...defaults, what: probe.toString(), ...given };
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const observed = await (toleratesErrors ? runTolerantly(probe) : run(probe));
    if ('value' in observed) return observed.value;
    if (performance.now() > deadlineMs)
      throw new Error(`gave up after ${withinMs} ms waiting for ${what}: ${observed.instead}`);
    await delay(everyMs);
  }
}

const defaults = { withinMs: 10_000, everyMs: 10, toleratesErrors: false };

type Observed<T> = { readonly value: T } | { readonly instead: string };

async function run<T>(probe: Probe<T>): Promise<Observed<T>> {
  const value = await probe();
  return value === false || value === undefined ? { instead: 'not yet' } : { value };
}

async function runTolerantly<T>(probe: Probe<T>): Promise<Observed<T>> {
  try {
    return await run(probe);
  } catch (error) {
    return { instead: error instanceof Error ? error.message : String(error) };
  }
}
