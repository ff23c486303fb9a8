import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { ClusterError } from '../cluster-error.ts';
import { environmentWith } from '../config.ts';

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Both outputs are appended here as well. */
  readonly logFile?: string | undefined;
  readonly timeoutMs?: number;
}

const running = new Set<number>();

/**
 * Runs a program to its end and returns its standard output; a non-zero exit is a `ClusterError` with the tail of what
 * it wrote. Each program leads a process group of its own, so that an interrupt reaches all of its children at once and
 * never reaches one half of a build.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: environmentWith(options.env),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: 'a' });
  const chunks: Buffer[] = [];
  let tail = '';
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    log?.write(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4000);
    log?.write(chunk);
  });
  // A program that ends before it has read its input closes the pipe. Its exit status is the result.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const timer =
    options.timeoutMs === undefined ? undefined : setTimeout(() => killGroup(pid, 'SIGKILL'), options.timeoutMs);
  try {
    const code = await exitOf(child);
    if (code !== 0) throw failure(command, args, { code, tail, logFile: options.logFile });
    return Buffer.concat(chunks).toString();
  } finally {
    clearTimeout(timer);
    if (pid !== undefined) running.delete(pid);
    if (log !== undefined) {
      log.end();
      await finished(log);
    }
  }
}

/** Whether the command ran and exited with 0; its output is dropped. */
export async function succeeds(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<boolean> {
  try {
    await runCommand(command, args, options);
    return true;
  } catch (error) {
    if (error instanceof ClusterError) return false;
    throw error;
  }
}

/** Ends every command that is still running, with its children. */
export function endRunningCommands(signal: NodeJS.Signals): void {
  for (const pid of running) killGroup(pid, signal);
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'ENOENT';
      const message = absent ? `the program ${child.spawnfile} is not there` : `${child.spawnfile}: ${error.message}`;
      reject(new ClusterError(absent ? 'missing' : 'failed', message, { cause: error }));
    });
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

function failure(
  command: string,
  args: readonly string[],
  outcome: { code: number | string; tail: string; logFile: string | undefined },
): ClusterError {
  const call = [command.split('/').at(-1), ...args].join(' ').slice(0, 200);
  return new ClusterError('failed', `${call} ended with ${outcome.code}\n${outcome.tail.trim()}`.trim(), {
    logFile: outcome.logFile,
  });
}
