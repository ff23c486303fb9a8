import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from '../cluster-error.ts';
import { isInterrupted } from './interrupt.ts';

export interface StepRecord {
  readonly name: string;
  readonly seconds: number;
  readonly ok: boolean;
}

export interface Step {
  /** File that gets the output of the commands of this step. */
  readonly logFile: string;
}

/** Shows progress: one line per step, with its duration. */
export interface Progress {
  readonly steps: readonly StepRecord[];
  /** `hint` is shown beside the name while the step runs, such as how long it may take. */
  step<T>(name: string, work: (step: Step) => Promise<T>, hint?: string): Promise<T>;
  say(text: string): void;
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /**
   * A terminal shows the running step and overwrites it; elsewhere a step shows itself only when it takes long or is
   * over.
   */
  readonly interactive: boolean;
  /** The present width of the terminal. */
  readonly columns?: () => number;
  readonly logDirectory: string;
}

const announceAfterMs = 3000;

export function createProgress(options: ProgressOptions): Progress {
  const steps: StepRecord[] = [];
  const { write, interactive } = options;
  return {
    steps,
    say: (text) => write(`${text}\n`),
    async step(name, work, hint = '') {
      const logFile = openLog(options.logDirectory, name);
      const started = performance.now();
      const title = `  ...          ${[name, hint].filter(Boolean).join(', ')}`;
      // A line that wraps could not be overwritten.
      const announce = () =>
        write(interactive ? oneRow(title, options.columns?.()) : `${title}\n               log: ${logFile}\n`);
      const timer = interactive ? (announce(), undefined) : setTimeout(announce, announceAfterMs);
      const end = (ok: boolean) => {
        clearTimeout(timer);
        const seconds = Math.round((performance.now() - started) / 100) / 10;
        steps.push({ name, seconds, ok });
        const clear = interactive ? '\r\u001B[K' : '';
        write(`${clear}  ${ok ? 'ok  ' : 'FAIL'} ${seconds.toFixed(1).padStart(6)} s ${name}\n`);
      };
      try {
        const result = await work({ logFile });
        end(true);
        return result;
      } catch (error) {
        if (!isInterrupted()) end(false);
        throw withLog(error, name, logFile);
      }
    },
  };
}

/** The message, the path of the log and its last lines. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof ClusterError)) return error.stack ?? error.message;
  const tail = error.logFile === undefined ? [] : lastLines(error.logFile, 12);
  const log = tail.length === 0 ? [] : [`last lines of ${error.logFile}:`, ...tail.map((line) => `  | ${line}`)];
  return [error.message, ...log].join('\n');
}

function withLog(error: unknown, name: string, logFile: string): ClusterError {
  if (error instanceof ClusterError) {
    return new ClusterError(error.code, `${name}: ${error.message}`, {
      logFile: error.logFile ?? logFile,
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ClusterError('failed', `${name}: ${message}`, { logFile, cause: error });
}

function openLog(directory: string, name: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${slugOf(name)}.log`);
  writeFileSync(path, '');
  return path;
}

const SLUG_LENGTH = 44;

/** A name for a file; a long one is shortened and made unique by its hash. */
function slugOf(name: string): string {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
  if (slug.length <= SLUG_LENGTH) return slug;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 6);
  return `${slug.slice(0, SLUG_LENGTH - 7)}-${hash}`;
}

/** Shortens `text` to one row. A terminal of unknown width reports 0. */
function oneRow(text: string, reported = 0): string {
  const columns = reported > 0 ? reported : 80;
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

function lastLines(path: string, count: number): string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).filter(Boolean);
  } catch {
    return [];
  }
}
