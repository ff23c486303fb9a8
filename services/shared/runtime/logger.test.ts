import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const LOGGER = path.join(import.meta.dirname, 'logger.ts');

/** What a process of its own writes to stdout. */
function logged(statement: string): string {
  const script = `import { createLogger } from ${JSON.stringify(LOGGER)};
const log = createLogger({ name: 't', level: 'info' });
${statement}`;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
}

it.each([
  ['a field', "log.info({ token: 's3cret' }, 'm')"],
  ['a field one level down', "log.info({ settings: { password: 's3cret' } }, 'm')"],
  [
    'the command that an error of Redis carries, such as AUTH with its password',
    "log.warn({ err: Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['ws', 's3cret'] } }) }, 'm')",
  ],
])('writes no secret: %s', (_what, statement) => {
  const line = logged(statement);
  expect(line).not.toContain('s3cret');
  expect(line).toContain('[redacted]');
});
