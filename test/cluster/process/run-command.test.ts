import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ClusterError } from '../cluster-error.ts';
import { runCommand, succeeds } from './run-command.ts';

it('gives input and returns output', async () => {
  expect(await runCommand('cat', [], { input: 'hello' })).toBe('hello');
});

it('keeps both outputs in the log and reports why it failed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-command-'));
  const logFile = join(folder, 'step.log');
  const failure = await runCommand('sh', ['-c', 'echo out; echo bad >&2; exit 3'], { logFile }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ClusterError);
  expect(failure).toMatchObject({
    code: 'failed',
    logFile,
    message: expect.stringContaining('ended with 3\nbad') as string,
  });
  expect(readFileSync(logFile, 'utf8').split('\n').sort()).toEqual(['', 'bad', 'out']);
  rmSync(folder, { recursive: true });
});

it('distinguishes a missing program from a failing one, and ends one that takes too long', async () => {
  await expect(runCommand('no-such-program-here', [])).rejects.toMatchObject({ code: 'missing' });
  expect(await succeeds('no-such-program-here', [])).toBe(false);
  await expect(runCommand('sleep', ['30'], { timeoutMs: 50 })).rejects.toMatchObject({
    message: 'sleep 30 ended with SIGKILL',
  });
});
