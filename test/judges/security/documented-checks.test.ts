import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../architecture/project.ts';
import { SECURITY_CHECKS } from './security-checks.ts';

it('docs/security.md names exactly the rules that are checked', () => {
  const rows = readFileSync(join(ROOT, 'docs/security.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| (?:pods|containers|objects|rights) /.test(line));
  const named = [...rows.join('\n').matchAll(/`([a-z-]+)`/g)].map(([, id]) => id);
  expect(named).toEqual(SECURITY_CHECKS.map(({ id }) => id));
});
