import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeLock, withLock } from './lock.ts';

let path = '';
let said: string[] = [];
const options = { report: (text: string) => void said.push(text) };
const children: ChildProcess[] = [];
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'lock-')), 'lock');
  said = [];
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(join(path, '..'), { recursive: true });
});

it('makes the second process wait, reports the first one once, and continues when it is done', async () => {
  const order: string[] = [];
  const leave = Promise.withResolvers<void>();
  const first = withLock(path, () => leave.promise.then(() => order.push('first')), options);
  const second = withLock(path, async () => order.push('second'), options);
  await expect.poll(() => said).toEqual([expect.stringContaining(`process ${process.pid} is working on the cluster`)]);
  leave.resolve();
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
  expect(said).toHaveLength(1);
});

it('gives up after a time, and is released when the work ends or fails', async () => {
  await withLock(
    path,
    async () => {
      const late = withLock(path, async () => 'second', { ...options, waitMs: 50 });
      await expect(late).rejects.toMatchObject({ code: 'busy' });
    },
    options,
  );
  await expect(withLock(path, () => Promise.reject(new Error('no')), options)).rejects.toThrow('no');
  expect(await withLock(path, async () => 'next', { ...options, waitMs: 0 })).toBe('next');
});

it('is never held by two processes, however many wait for one that is killed', async () => {
  const holder = await otherProcess();
  expect(holder.said).toBe('in');
  const waiting = Array.from({ length: 3 }, () => otherProcess());
  const waiters = () => readdirSync(join(path, '..')).filter((name) => name.includes('waiter'));
  await expect.poll(waiters, { timeout: 10_000 }).toHaveLength(3);
  holder.child.kill('SIGKILL');
  const first = await Promise.race(waiting);
  await expect(withLock(path, async () => 0, { ...options, waitMs: 300 })).rejects.toMatchObject({ code: 'busy' });
  first.child.kill('SIGKILL');
  expect((await Promise.all(waiting.map(letGo))).map((other) => other.said)).toEqual(['in', 'in', 'in']);
}, 20_000);

it('removes the unfinished files of dead processes, and can be removed itself while it is held', async () => {
  writeFileSync(`${path}.work-999999999-`, '');
  await withLock(path, async () => removeLock(path), options);
  expect(readdirSync(join(path, '..'))).toEqual([]);
  expect(await withLock(path, async () => existsSync(path), options)).toBe(true);
});

interface OtherProcess {
  readonly child: ChildProcess;
  readonly said: string;
}

/** Resolves when another process has the lock, which it then keeps. */
async function otherProcess(): Promise<OtherProcess> {
  const code = `import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    import { writeFileSync } from 'node:fs';
    const report = () => writeFileSync(${JSON.stringify(path)} + '.waiter-' + process.pid, '');
    await withLock(${JSON.stringify(path)}, () => new Promise(() => { process.stdout.write('in'); setInterval(() => 0, 1000); }), { report });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: chunk.toString() };
}

async function letGo(pending: Promise<OtherProcess>): Promise<OtherProcess> {
  const other = await pending;
  other.child.kill('SIGKILL');
  return other;
}
