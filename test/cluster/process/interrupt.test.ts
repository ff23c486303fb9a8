import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readStartTime } from '../embedded/host/processes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interrupt-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['ends what runs, with its children, prints one line and exits with 130', '', 1],
  ['ends a command that ignores SIGTERM', 'trap "" TERM;', 1],
  ['is not waited for when it comes twice', 'trap "" TERM;', 2],
])('ctrl-C %s', async (_, trap, times) => {
  const file = join(folder, 'pid');
  const command = `${trap} sleep 300 & echo $! > ${file}.new; mv ${file}.new ${file}; wait`;
  const module = (name: string) => JSON.stringify(join(import.meta.dirname, name));
  const code = `import { exitOnInterrupt } from ${module('interrupt.ts')};
    import { runCommand } from ${module('run-command.ts')};
    exitOnInterrupt('what is done stays');
    await runCommand('sh', ['-c', ${JSON.stringify(command)}]).catch(() => undefined);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  await expect.poll(() => existsSync(file), { timeout: 10_000 }).toBe(true);
  const grandchild = Number(readFileSync(file, 'utf8'));
  expect(readStartTime(grandchild)).toBeDefined();
  const over = once(child, 'close');
  for (let time = 0; time < times; time += 1) child.kill('SIGINT');
  expect(await over).toEqual([130, null]);
  expect(said).toBe('\ninterrupted: what is done stays\n');
  await expect.poll(() => readStartTime(grandchild)).toBeUndefined();
});
