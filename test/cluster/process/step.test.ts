import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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

it('writes one line with the time of each step, and returns the result of the step', async () => {
  const { lines, progress } = recorder();
  expect(await progress.step('build etcd v1', async () => 42)).toBe(42);
  expect(lines).toEqual([expect.stringMatching(/^ {2}ok {6}\d\.\d s build etcd v1\n$/)]);
  expect(progress.steps).toMatchObject([{ name: 'build etcd v1', ok: true }]);
});

it('gives each step a log with a short and unique name', async () => {
  const { progress } = recorder();
  const packages = 'install Debian packages: containernetworking-plugins iptables mmdebstrap buildah libseccomp-dev';
  const logOf = (name: string) => progress.step(name, async ({ logFile }) => basename(logFile));
  expect(await logOf('build etcd v1')).toBe('build-etcd-v1.log');
  const long = await logOf(packages);
  expect(long).toMatch(/^install-debian-packages-containernetw[a-z]*-[0-9a-f]{6}\.log$/);
  expect(await logOf(`${packages} gcc`)).not.toBe(long);
});

it('reports a slow step on its own lines, with the path of its log on the second', async () => {
  vi.useFakeTimers();
  const { progress, lines } = recorder();
  const over = Promise.withResolvers<void>();
  const step = progress.step('build etcd v1', () => over.promise, 'up to 9 min');
  vi.advanceTimersByTime(3000);
  vi.useRealTimers();
  expect(lines).toEqual([
    `  ...          build etcd v1, up to 9 min\n               log: ${join(folder, 'build-etcd-v1.log')}\n`,
  ]);
  over.resolve();
  await step;
});

it('keeps the running step within one row of the terminal, and overwrites the row at its end', async () => {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  const progress = createProgress({ write, columns: () => 40, interactive: true, logDirectory: folder });
  await progress.step('image with a name that is far too long for it', async () => undefined);
  expect(written).toEqual([
    '  ...          image with a name that i…',
    expect.stringMatching(/^\r.*image with a name that is far too/),
  ]);
  expect(written[0]).toHaveLength(40);
});

it('names the failed step, its log and the last lines of the log', async () => {
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
