import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readStartTime } from '../../../cluster/embedded/host/processes.ts';
import { until } from '../../../harness/until.ts';
import { pidOf, restartNode, stopApiServer, stopProcessFor } from './embedded-node.ts';

const cluster = { kind: 'kind', kubeconfig: '', context: '', kubectl: '', helm: '' } as never;

async function sleeper(): Promise<number> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child.pid ?? 0;
}

const stateOf = (pid: number): string | undefined => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];

it('stops a process for its time, and continues it', async () => {
  const pid = await sleeper();
  const stopped = stopProcessFor(pid, 1, new AbortController().signal);
  await until(() => stateOf(pid) === 'T');
  await stopped;
  expect(await until(() => stateOf(pid) !== 'T')).toBe(true);
});

it('continues a process at an interrupt', async () => {
  const pid = await sleeper();
  const stop = new AbortController();
  const stopped = stopProcessFor(pid, 600, stop.signal);
  await until(() => stateOf(pid) === 'T');
  stop.abort();
  await stopped;
  expect(await until(() => stateOf(pid) !== 'T')).toBe(true);
});

it('finds a program of the cluster by its record, and none whose pid is of another one', async () => {
  const state = mkdtempSync(join(tmpdir(), 'embedded-node-'));
  onTestFinished(() => rmSync(state, { recursive: true }));
  mkdirSync(join(state, 'processes'));
  const pid = await sleeper();
  const record = (startTime: string | undefined): void =>
    writeFileSync(join(state, 'processes', 'apiserver.json'), JSON.stringify({ pid, startTime }));
  record(readStartTime(pid));
  expect(pidOf(state, 'apiserver')).toBe(pid);
  record('1');
  expect(() => pidOf(state, 'apiserver')).toThrow('apiserver does not run');
});

it('leaves the programs of another kind of cluster alone', async () => {
  await expect(stopApiServer(cluster, 1, new AbortController().signal)).rejects.toThrow('not on kind');
  await expect(restartNode(cluster)).rejects.toThrow('embedded cluster only');
});
