import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, for the error; the probe itself if nothing is said. */
  readonly what?: string;
  readonly withinMs?: number;
  readonly everyMs?: number;
  /** A probe that throws has seen nothing yet; otherwise its error passes through. */
  readonly toleratesErrors?: boolean;
}

type Probe<T> = () => T | false | undefined | Promise<T | false | undefined>;

/** Resolves with the first value of `probe` that is neither false nor undefined; throws, with the last thing seen, when the time is over. */
export async function until<T>(probe: Probe<T>, options: number | UntilOptions = {}): Promise<T> {
  const given = typeof options === 'number' ? { withinMs: options } : options;
  const { what, withinMs, everyMs, toleratesErrors } = { ...usual, what: probe.toString(), ...given };
  const end = performance.now() + withinMs;
  for (;;) {
    const seen = await (toleratesErrors ? lookThroughErrors(probe) : look(probe));
    if ('value' in seen) return seen.value;
    if (performance.now() > end) throw new Error(`gave up after ${withinMs} ms waiting for ${what}: ${seen.instead}`);
    await delay(everyMs);
  }
}

const usual = { withinMs: 10_000, everyMs: 10, toleratesErrors: false };

type Seen<T> = { readonly value: T } | { readonly instead: string };

async function look<T>(probe: Probe<T>): Promise<Seen<T>> {
  const value = await probe();
  return value === false || value === undefined ? { instead: 'not yet' } : { value };
}

async function lookThroughErrors<T>(probe: Probe<T>): Promise<Seen<T>> {
  try {
    return await look(probe);
  } catch (error) {
    return { instead: error instanceof Error ? error.message : String(error) };
  }
}
