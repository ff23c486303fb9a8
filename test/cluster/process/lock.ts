import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from '../cluster-error.ts';
import { makeDirectories, removeAbandonedWork } from '../cluster-paths.ts';

export interface LockOptions {
  /** Hears, once, for whom this process waits. */
  readonly report: (text: string) => void;
  /** An hour if nothing is said: a cluster that is built from nothing takes half of it. */
  readonly waitMs?: number;
}

/** Kept from the garbage collector, which would close them. */
const held = new Set<DatabaseSync>();

/**
 * Does the work as the only process that changes the cluster, after whoever does so now; `busy` when that takes too
 * long. The lock is SQLite's on an empty database: the kernel frees it with the process that holds it, however that
 * ends, so none is ever left over for others to judge and take, which two could do at once.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions): Promise<T> {
  makeDirectories([dirname(path)]);
  const lock = take(path) ?? (await wait(path, options));
  held.add(lock);
  try {
    writeFileSync(holderOf(path), String(process.pid));
    removeAbandonedWork(dirname(path));
    return await work();
  } finally {
    rmSync(holderOf(path), { force: true });
    lock.close();
    held.delete(lock);
  }
}

/** Leaves nothing of the lock behind; only for the one that holds it. */
export function removeLock(path: string): void {
  for (const file of [path, `${path}-journal`, holderOf(path)]) rmSync(file, { force: true });
}

async function wait(path: string, { report, waitMs = 3_600_000 }: LockOptions): Promise<DatabaseSync> {
  const holder = `${readHolder(path)} is working on the cluster`;
  const deadline = performance.now() + waitMs;
  if (waitMs > 0) report(`  waiting: ${holder}; Ctrl-C ends only this wait`);
  while (performance.now() < deadline) {
    await delay(Math.min(200, waitMs));
    const lock = take(path);
    if (lock !== undefined) return lock;
  }
  throw new ClusterError('busy', `${holder} still: wait for it, or end it`);
}

const SQLITE_BUSY = 5;

function take(path: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(path, { timeout: 0 });
  const opened = inode(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    // The last holder may have removed the file. Then this lock is on a file that no other process opens.
    if (opened !== undefined && inode(path) === opened) return lock;
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode !== SQLITE_BUSY) throw error;
  }
  lock.close();
  return undefined;
}

function inode(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** For people to read; nothing is decided by it. */
function holderOf(path: string): string {
  return `${path}.holder`;
}

function readHolder(path: string): string {
  try {
    return `process ${readFileSync(holderOf(path), 'utf8')}`;
  } catch {
    return 'another process';
  }
}
