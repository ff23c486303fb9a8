import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { diesWithParent } from '../stores/native-server.ts';

/** A line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** One of our programs as a child process that runs from source and never outlives this process. */
export interface ServiceProcess {
  readonly pid: number;
  /** Why it is no longer running; undefined while it runs. */
  readonly ended: string | undefined;
  /** Last lines of its output. */
  tail(): string;
  /** Sends the signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal, then SIGKILL after five seconds. Resolves when the process has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ServiceProcessOptions {
  /** Path of the program. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine?: (line: LogLine) => void;
  /** Receives each line of both streams as it is written. */
  readonly onText?: (text: string) => void;
}

const TAIL_LINES = 40;
const GRACE_MS = 5_000;

export function startServiceProcess({ main, env, onLine, onText }: ServiceProcessOptions): ServiceProcess {
  const { command, args } = diesWithParent(process.execPath, [main]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  let ended: string | undefined;
  const tail: string[] = [];
  const keep = (text: string): void => {
    onText?.(text);
    tail.push(text.slice(0, 2_000));
    if (tail.length > TAIL_LINES) tail.shift();
  };
  createInterface(child.stdout).on('line', (text) => {
    keep(text);
    const line = parsed(text);
    if (line !== undefined) onLine?.(line);
  });
  createInterface(child.stderr).on('line', keep);
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  const exited = once(child, 'exit').then(([code, signal]: readonly unknown[]) => {
    process.off('exit', onExit);
    ended = `ended with ${String(code ?? signal)}`;
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started`);
  return {
    pid,
    get ended() {
      return ended;
    },
    tail: () => tail.join('\n'),
    signal: (signal) => void child.kill(signal),
    stop: async (signal = 'SIGTERM') => {
      if (ended !== undefined) return;
      child.kill(signal);
      const deadline = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await exited;
      clearTimeout(deadline);
    },
  };
}

function parsed(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
