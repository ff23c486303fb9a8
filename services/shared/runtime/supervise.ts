import type { Clock } from './clock.ts';
import { ExitError, messageOf } from './errors.ts';
import type { Logger } from './logger.ts';
import type { ServicePart } from './service-part.ts';

export interface SuperviseOptions {
  readonly parts: readonly ServicePart[];
  /** Aborted to stop the process. The reason is the name of the signal. */
  readonly stopRequest: AbortSignal;
  /** For jobs: a part that resolves has done the work of the process. */
  readonly exitWhenDone: boolean;
  /** Called once, before any part is drained. */
  readonly onStopping: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly drainDeadlineMs: number;
  readonly stopDeadlineMs: number;
}

export interface Outcome {
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
}

/**
 * Runs the parts until the first one ends or a stop is requested, then drains, aborts, awaits and stops them, each step
 * within its deadline. Never throws: the outcome carries the exit code and the reason.
 */
export async function supervise(options: SuperviseOptions): Promise<Outcome> {
  const { parts, onStopping, log, clock, drainDeadlineMs, stopDeadlineMs } = options;
  const running = new AbortController();
  const runs = parts.map(async (part) => {
    try {
      await part.run(running.signal);
      return ended(part, running.signal, options.exitWhenDone);
    } catch (error) {
      return running.signal.aborted ? STOPPED : failedPart(part, error, log);
    }
  });
  const cause = await Promise.race([...runs, stopOf(options.stopRequest)]);
  log.info({ reason: cause.reason, exitCode: cause.exitCode }, 'stopping');
  onStopping();

  const bounded = async (step: string, ms: number, work: Promise<unknown>): Promise<void> => {
    await within({ clock, ms, work }).catch((error: unknown) => log.warn({ step, err: error }, 'shutdown step failed'));
  };
  await bounded('drain', drainDeadlineMs, Promise.all(parts.map(async (part) => await part.drain?.())));
  running.abort(new Error(cause.reason));
  await bounded('run', stopDeadlineMs, Promise.all(runs));
  for (const part of [...parts].reverse()) {
    await bounded(`stop ${part.name}`, stopDeadlineMs, Promise.resolve(part.stop?.()));
  }
  return cause;
}

const STOPPED: Outcome = { exitCode: 0, reason: 'Stopped', message: '' };

function ended(part: ServicePart, signal: AbortSignal, exitWhenDone: boolean): Outcome {
  if (signal.aborted) return STOPPED;
  if (exitWhenDone) return { exitCode: 0, reason: 'Done', message: '' };
  return { exitCode: 1, reason: 'PartEnded', message: `${part.name} ended` };
}

function failedPart(part: ServicePart, error: unknown, log: Logger): Outcome {
  if (error instanceof ExitError) return { exitCode: error.exitCode, reason: error.reason, message: error.message };
  log.error({ part: part.name, err: error }, 'part failed');
  return { exitCode: 1, reason: 'PartFailed', message: `${part.name}: ${messageOf(error)}` };
}

/** Resolves when a stop is requested. */
export async function stopOf(stopRequest: AbortSignal): Promise<Outcome> {
  if (!stopRequest.aborted) {
    await new Promise<void>((resolve) => {
      stopRequest.addEventListener('abort', () => resolve(), { once: true });
    });
  }
  return { exitCode: 0, reason: messageOf(stopRequest.reason), message: '' };
}

/** Rejects when `work` takes longer than `ms`. The work itself continues and its result is ignored. */
async function within(step: {
  readonly clock: Clock;
  readonly ms: number;
  readonly work: Promise<unknown>;
}): Promise<void> {
  const { clock, ms, work } = step;
  const done = new AbortController();
  const deadline = async (): Promise<void> => {
    await clock.sleep(ms, done.signal);
    throw new Error(`took longer than ${ms} ms`);
  };
  const late = deadline().catch((error: unknown) => {
    if (!done.signal.aborted) throw error;
  });
  try {
    await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
