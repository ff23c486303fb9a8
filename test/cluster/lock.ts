import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import { makeDirectories } from './cluster-paths.ts';
import { readStartTime } from './embedded/processes.ts';

/**
 * Does the work as the only process that changes the cluster. The lock names its holder by pid and start time, so one
 * that was left by a killed process is taken over at once.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  makeDirectories([dirname(path)]);
  take(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): void {
  const mine = `${process.pid} ${readStartTime(process.pid) ?? ''}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid = '', startTime] = readHolder(path).split(' ');
    if (startTime !== '' && readStartTime(Number(pid)) === startTime) {
      throw new ClusterError('busy', `process ${pid} is changing the cluster right now: wait for it, or end it`);
    }
    rmSync(path, { force: true });
  }
  throw new ClusterError('busy', `${path} could not be taken`);
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
