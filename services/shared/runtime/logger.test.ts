import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const LOGGER = path.join(import.meta.dirname, 'logger.ts');

/** Returns what a separate process writes to stdout. */
function outputOf(statement: string): string {
  const script = `import { createLogger } from ${JSON.stringify(LOGGER)};
const log = createLogger({ name: 't', level: 'info' });
${statement}`;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
}

it.each([
  ['a field', "log.info({ token: 's3cret' }, 'm')"],
  ['a field one level down', "log.info({ settings: { password: 's3cret' } }, 'm')"],
  [
    'the command in a Redis error, such as AUTH with its password',
    "log.warn({ err: Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['ws', 's3cret'] } }) }, 'm')",
  ],
])('redacts %s', (_what, statement) => {
  const line = outputOf(statement);
  expect(line).not.toContain('s3cret');
  expect(line).toContain('[redacted]');
});
