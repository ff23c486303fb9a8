import type { Clock } from './clock.ts';

export interface CheckResult {
  readonly ok: boolean;
  /** CamelCase; `Ok` when the check passes. A check that passes with another reason is degraded. */
  readonly reason: string;
  readonly message: string;
}

export interface NamedCheck extends CheckResult {
  readonly name: string;
}

export const OK: CheckResult = { ok: true, reason: 'Ok', message: '' };

/**
 * Returns a check that passes although a part of what it covers fails, such as one pair of several. The process is
 * ready, and the stack is degraded. Reason and message as of a failed check.
 */
export function degraded(reason: string, message: string): CheckResult {
  return { ok: true, reason, message: message.slice(0, 500) };
}

/** Whether the check passes although a part of what it covers fails. */
export function isDegraded({ ok, reason }: CheckResult): boolean {
  return ok && reason !== OK.reason;
}

/** Returns a failed check: CamelCase reason, and a message that says what to examine. */
export function failed(reason: string, message: string): CheckResult {
  return { ok: false, reason, message: message.slice(0, 500) };
}

/**
 * The named checks behind /readyz and /statusz. A check only reads state that its owner keeps current and never waits,
 * so a probe answers at once even when a dependency hangs.
 */
export class Health {
  readonly #checks = new Map<string, () => CheckResult>();

  /** Throws when a check with this name exists. */
  add(name: string, check: () => CheckResult): void {
    if (this.#checks.has(name)) throw new Error(`health check ${name} already exists`);
    this.#checks.set(name, check);
  }

  results(): readonly NamedCheck[] {
    return [...this.#checks].map(([name, check]) => ({ name, ...outcome(check) }));
  }

  /** Returns true when every check passes. A process without checks is ready once it serves requests. */
  ready(): boolean {
    return this.results().every((check) => check.ok);
  }
}

/** A check that throws is a failed check, not a broken status page. */
function outcome(check: () => CheckResult): CheckResult {
  try {
    return check();
  } catch (error) {
    return failed('CheckThrew', error instanceof Error ? error.message : String(error));
  }
}

export interface AgeCheck {
  /** Records that the awaited event has just happened. */
  touch(): void;
  check(): CheckResult;
  /** Milliseconds since the last `touch`; null before the first. */
  ageMs(): number | null;
}

/** Returns a check that fails until the first `touch`, and whenever the last one is older than `maxAgeMs`. */
export function ageCheck(options: {
  readonly clock: Clock;
  readonly maxAgeMs: number;
  readonly reason: string;
  /** Name of the awaited event, as in `no <what> for 1200 ms`. */
  readonly what: string;
}): AgeCheck {
  const { clock, maxAgeMs, reason, what } = options;
  let lastMs: number | undefined;
  const ageMs = (): number | null => (lastMs === undefined ? null : clock.monotonicMs() - lastMs);
  return {
    touch: () => {
      lastMs = clock.monotonicMs();
    },
    ageMs,
    check: () => {
      const currentAgeMs = ageMs();
      if (currentAgeMs === null) return failed(reason, `no ${what} yet`);
      return currentAgeMs <= maxAgeMs
        ? OK
        : failed(reason, `no ${what} for ${Math.round(currentAgeMs)} ms; the limit is ${maxAgeMs} ms`);
    },
  };
}
