import { spawn } from 'node:child_process';

export interface ProcessResult {
  /** Exit code, or the number that a shell would give for the signal that ended it. */
  readonly code: number;
  /** Both outputs, in the order in which they came. */
  readonly output: string;
  readonly seconds: number;
}

const running = new Set<number>();

/**
 * Runs a program to its end. It leads a process group of its own, so that an interrupt reaches all of its children once
 * and in our order; `onOutput` sees what it writes while it runs.
 */
export async function runProcess(
  command: readonly [string, ...string[]],
  { cwd, onOutput }: { readonly cwd: string; readonly onOutput?: (chunk: Buffer) => void },
): Promise<ProcessResult> {
  const [program, ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      onOutput?.(chunk);
    });
  }
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      chunks.push(Buffer.from(`${program}: ${error.message}\n`));
      resolve(127);
    });
    child.once('close', (exitCode, signal) => resolve(exitCode ?? (signal === 'SIGINT' ? 130 : 143)));
  });
  if (pid !== undefined) running.delete(pid);
  return { code, output: Buffer.concat(chunks).toString(), seconds: (performance.now() - started) / 1000 };
}

/**
 * On the first Ctrl-C the running programs are signalled and have ten seconds to clean up; on the second, or after
 * that, they are killed. Ends this process with 130.
 */
export function exitOnInterrupt(): void {
  let interrupted = false;
  const stop = () => {
    const kill = () => {
      signalAll('SIGKILL');
      process.exit(130);
    };
    if (interrupted) kill();
    interrupted = true;
    process.stderr.write('\ninterrupted: waiting for the running step to clean up; once more to kill it\n');
    signalAll('SIGINT');
    setTimeout(kill, 10_000).unref();
    setInterval(() => running.size === 0 && process.exit(130), 50);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function signalAll(signal: NodeJS.Signals): void {
  for (const pid of running) {
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
