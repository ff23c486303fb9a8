/**
 * Long-running programs of the embedded cluster. Each has a record in `<state>/processes/<name>.json`: its pid together
 * with the time at which the kernel started it, so that a pid that was given to another program later is never taken
 * for ours, and a fingerprint of how it was called, so that a changed configuration restarts it. Only this file starts
 * and stops them.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from '../../cluster-error.ts';
import { makeDirectories } from '../../cluster-paths.ts';
import { daemonEnvironment } from '../../config.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files that the program reads once at its start. */
  readonly files?: readonly string[];
  /** TCP ports on loopback that must be free, with the setting that moves each, if there is one. */
  readonly ports?: readonly { readonly port: number; readonly setting?: string }[];
}

interface ProcessRecord {
  readonly pid: number;
  readonly startTime: string;
  readonly fingerprint: string;
}

/** Starts the program unless it runs already, called in the same way. */
export async function ensureProcess(state: string, spec: ProcessSpec): Promise<'running' | 'started'> {
  makeDirectories([join(state, 'processes'), join(state, 'log')]);
  const fingerprint = fingerprintOf(spec);
  const record = readRecord(state, spec.name);
  if (record !== undefined && isAlive(record)) {
    if (record.fingerprint === fingerprint) return 'running';
    await stopProcesses(state, [spec.name]);
  }
  for (const { port, setting } of spec.ports ?? []) await requireFreePort(spec.name, port, setting);
  start(state, spec, fingerprint);
  return 'started';
}

/** Throws, with the log's path, when the program has ended. */
export function requireAlive(state: string, name: string): void {
  if (!isProcessRunning(state, name)) {
    throw new ClusterError('failed', `${name} has ended`, { logFile: processLog(state, name) });
  }
}

export function isProcessRunning(state: string, name: string): boolean {
  const record = readRecord(state, name);
  return record !== undefined && isAlive(record);
}

export function processLog(state: string, name: string): string {
  return join(state, 'log', `${name}.log`);
}

/** The names of all programs that were started and not stopped, dead or alive. */
export function recordedProcesses(state: string): string[] {
  try {
    return readdirSync(join(state, 'processes'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length));
  } catch {
    return [];
  }
}

/** Sends SIGTERM to each process, waits, then sends SIGKILL. `graceMs` is the limit for all of them together. */
export async function stopProcesses(state: string, names: readonly string[], graceMs = 5000): Promise<void> {
  const records = names.flatMap((name) => {
    const record = readRecord(state, name);
    return record === undefined ? [] : [{ name, record }];
  });
  for (const { record } of records) signal(record, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  while (records.some(({ record }) => isAlive(record)) && performance.now() < deadline) await delay(50);
  for (const { record } of records) signal(record, 'SIGKILL');
  while (records.some(({ record }) => isAlive(record))) await delay(20);
  for (const { name } of records) rmSync(recordPath(state, name), { force: true });
}

/**
 * The kernel's start time of a process in clock ticks since boot (field 22 of /proc/<pid>/stat, see proc(5)), or
 * undefined where there is no such process or it is a zombie. The name in field 2 may hold spaces and brackets.
 */
export function startTimeOf(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

export function readStartTime(pid: number): string | undefined {
  try {
    return startTimeOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

function start(state: string, spec: ProcessSpec, fingerprint: string): void {
  const log = openSync(processLog(state, spec.name), 'w');
  const child = spawn(spec.binary, spec.args, {
    cwd: state,
    detached: true,
    stdio: ['ignore', log, log],
    env: daemonEnvironment(spec.env),
  });
  child.once('error', () => undefined);
  child.unref();
  closeSync(log);
  const startTime = child.pid === undefined ? undefined : readStartTime(child.pid);
  if (child.pid === undefined || startTime === undefined) {
    throw new ClusterError('failed', `${spec.binary} did not start`, { logFile: processLog(state, spec.name) });
  }
  const record: ProcessRecord = { pid: child.pid, startTime, fingerprint };
  writeFileSync(`${recordPath(state, spec.name)}.new`, JSON.stringify(record));
  renameSync(`${recordPath(state, spec.name)}.new`, recordPath(state, spec.name));
}

function fingerprintOf(spec: ProcessSpec): string {
  const contents = (spec.files ?? []).map((path) => readFileSync(path, 'utf8'));
  const parts = [spec.binary, spec.args, spec.env ?? {}, contents];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function recordPath(state: string, name: string): string {
  return join(state, 'processes', `${name}.json`);
}

function readRecord(state: string, name: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(state, name), 'utf8')) as ProcessRecord;
  } catch {
    return undefined;
  }
}

function isAlive(record: ProcessRecord): boolean {
  return readStartTime(record.pid) === record.startTime;
}

function signal(record: ProcessRecord, name: NodeJS.Signals): void {
  if (!isAlive(record)) return;
  try {
    process.kill(record.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function requireFreePort(name: string, port: number, setting: string | undefined): Promise<void> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  if (free) return;
  const remedy = setting === undefined ? '' : `, or set ${setting} to another port`;
  throw new ClusterError(
    'busy',
    `${name} needs port ${port} on 127.0.0.1, which is in use: stop what listens there (ss -ltnp shows it)${remedy}`,
  );
}

/**
 * Pids of programs from `toolchain` that work in the state folder although no record names them: what is left when
 * `up` was killed between a start and its record.
 */
export function strayProcesses(state: string, toolchain: string): number[] {
  const known = new Set(recordedProcesses(state).map((name) => readRecord(state, name)?.pid));
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => !known.has(pid) && linkOf(pid, 'cwd') === state && linkOf(pid, 'exe').startsWith(toolchain));
}

function linkOf(pid: number, name: 'cwd' | 'exe'): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return '';
  }
}
