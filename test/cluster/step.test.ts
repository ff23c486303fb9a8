import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createProgress, describeFailure } from './step.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'step-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function recorder() {
  const lines: string[] = [];
  const progress = createProgress({ write: (text) => void lines.push(text), interactive: false, logDirectory: folder });
  return { lines, progress };
}

it('writes one line for each step with its time, and returns what the step gave', async () => {
  const { lines, progress } = recorder();
  expect(await progress.step('build etcd v1', async () => 42)).toBe(42);
  expect(lines).toEqual([expect.stringMatching(/^ {2}ok {6}\d\.\d s build etcd v1\n$/)]);
  expect(progress.steps).toMatchObject([{ name: 'build etcd v1', ok: true }]);
});

it('on failure names the step, its log and the last lines of it', async () => {
  const { progress, lines } = recorder();
  const failing = progress.step('Image: redis', async ({ logFile }) => {
    appendFileSync(logFile, 'first\nno space left\n');
    throw new Error('apt failed');
  });
  const error = await failing.catch((caught: unknown) => caught);
  expect(describeFailure(error)).toBe(
    `Image: redis: apt failed\nlast lines of ${join(folder, 'image-redis.log')}:\n  | first\n  | no space left`,
  );
  expect(lines.at(-1)).toContain('FAIL');
  expect(progress.steps).toMatchObject([{ ok: false }]);
});
