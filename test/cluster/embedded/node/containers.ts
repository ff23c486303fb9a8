import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand, succeeds } from '../../process/run-command.ts';
import type { EmbeddedSettings } from '../embedded-settings.ts';

/**
 * Ends every container of the node: sends SIGTERM, waits up to `graceMs`, then kills. The kubelet must be stopped
 * already, or it starts them again.
 */
export async function stopContainers(settings: EmbeddedSettings, graceMs: number): Promise<void> {
  const pids = containerProcesses(settings.state);
  for (const pid of pids) kill(pid, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  while (performance.now() < deadline && pids.some(isAlive)) await delay(50);
  for (const pid of pids) kill(pid, 'SIGKILL');
  await forget(settings);
  for (const pid of shims(settings.containerdSocket)) kill(pid, 'SIGKILL');
}

/** Removes the records of tasks and containers, so that the next start makes new ones instead of judging the old. */
async function forget(settings: EmbeddedSettings): Promise<void> {
  const program = join(settings.bin, 'ctr');
  const ctr = (...args: readonly string[]) => [
    '--address',
    settings.containerdSocket,
    '--namespace',
    'k8s.io',
    ...args,
  ];
  if (!(await succeeds(program, ctr('version'), { timeoutMs: 3000 }))) return;
  for (const kind of ['tasks', 'containers']) {
    const output = await runCommand(program, ctr(kind, 'ls', '-q'), { timeoutMs: 5000 });
    const ids = output.split('\n').filter(Boolean);
    const force = kind === 'tasks' ? ['--force'] : [];
    if (ids.length > 0) await succeeds(program, ctr(kind, 'rm', ...force, ...ids), { timeoutMs: 20_000 });
  }
}

/**
 * The first process of each container, from the runtime's bundles. Each is checked against its own cgroup, which names
 * the container, so a pid that another program has by now is left alone.
 */
function containerProcesses(state: string): number[] {
  const bundles = join(state, 'run', 'io.containerd.runtime.v2.task', 'k8s.io');
  return list(bundles).flatMap((id) => {
    const pid = Number(read(join(bundles, id, 'init.pid')));
    return pid > 1 && read(`/proc/${pid}/cgroup`).includes(id) ? [pid] : [];
  });
}

/** The runtime's helpers of this cluster: each carries the address of its containerd among its arguments. */
function shims(socket: string): number[] {
  return list('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const words = read(`/proc/${pid}/cmdline`).split('\0');
      return (words[0] ?? '').includes('containerd-shim-runc-v2') && words.includes(socket);
    })
    .map(Number);
}

function isAlive(pid: number): boolean {
  return !['', 'Z', 'X'].includes(/\) (\S)/.exec(read(`/proc/${pid}/stat`))?.[1] ?? '');
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
