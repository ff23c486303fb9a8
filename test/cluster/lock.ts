import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import { makeDirectories, removeAbandonedWork, workPrefix } from './cluster-paths.ts';
import { readStartTime } from './embedded/processes.ts';

/**
 * Does the work as the only process that changes the cluster. The lock names its holder by pid and start time, so one
 * that was left by a killed process is taken over at once.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  makeDirectories([dirname(path)]);
  removeAbandonedWork(dirname(path));
  take(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): void {
  // Written beside its place and linked there whole: a lock that says nothing of its holder could never be taken over.
  const mine = workPrefix(path);
  writeFileSync(mine, `${process.pid} ${readStartTime(process.pid) ?? ''}`);
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (isLinked(mine, path)) return;
      const [pid = '', startTime = ''] = readHolder(path).split(' ');
      if (startTime !== '' && readStartTime(Number(pid)) === startTime) {
        throw new ClusterError('busy', `process ${pid} is changing the cluster right now: wait for it, or end it`);
      }
      rmSync(path, { force: true });
    }
    throw new ClusterError('busy', `${path} could not be taken`);
  } finally {
    rmSync(mine, { force: true });
  }
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
