import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './lock.ts';

let path = '';
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'lock-')), 'lock');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

it('lets one in at a time and goes with the work, also when that fails', async () => {
  await withLock(path, async () => {
    await expect(withLock(path, async () => 'second')).rejects.toMatchObject({ code: 'busy' });
  });
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

it('takes over from a holder that is gone, and from a pid that another process has now', async () => {
  writeFileSync(path, '999999999 1');
  expect(await withLock(path, async () => 'mine')).toBe('mine');
  writeFileSync(path, `${process.pid} 1`);
  expect(await withLock(path, async () => 'mine')).toBe('mine');
});

it('takes over from a lock that names nobody, as a full disk leaves it', async () => {
  writeFileSync(path, '');
  writeFileSync(`${path}.work-999999999-`, '');
  expect(await withLock(path, async () => 'mine')).toBe('mine');
  expect(readdirSync(join(path, '..'))).toEqual([]);
});
