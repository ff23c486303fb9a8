import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files that the project's image is made from. */
const imageInputs = [
  'Dockerfile',
  'package.json',
  'package-lock.json',
  'esbuild.config.ts',
  'services/shared/runtime/healthcheck.ts',
  '{operator,services}/**/*.{ts,sql,lua,json,proto}',
  'services/exchange-simulator/tapes/*.gz',
];

/**
 * A digest of the names and contents of all files that match, and of `extra`: equal inputs give equal digests, in
 * whatever order the file system lists them. Tests are no input.
 */
export function inputHash(
  root: string,
  extra: readonly string[] = [],
  patterns: readonly string[] = imageInputs,
): string {
  const hash = createHash('sha256').update(JSON.stringify(extra));
  const files = globSync([...patterns], {
    cwd: root,
    exclude: (path) => path.includes('node_modules') || path.endsWith('.test.ts'),
  });
  for (const file of [...new Set(files)].sort()) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
