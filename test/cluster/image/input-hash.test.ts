import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inputHash } from './input-hash.ts';

let root = '';
const write = (path: string, text: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'input-hash-'));
  write('Dockerfile', 'FROM scratch');
  write('services/ws/main.ts', 'run();');
});
afterEach(() => rmSync(root, { recursive: true }));

it('is the same for the same files and another for other content, other names or another base', () => {
  const before = inputHash(root, ['base']);
  expect(inputHash(root, ['base'])).toBe(before);
  expect(inputHash(root, ['newer base'])).not.toBe(before);
  write('services/ws/main.ts', 'run( );');
  const changed = inputHash(root, ['base']);
  expect(changed).not.toBe(before);
  rmSync(join(root, 'services/ws/main.ts'));
  write('services/signal/main.ts', 'run( );');
  expect(inputHash(root, ['base'])).not.toBe(changed);
});

it('does not change with tests and documents', () => {
  const before = inputHash(root);
  write('services/ws/main.test.ts', 'it()');
  write('services/ws/README.md', '# ws');
  expect(inputHash(root)).toBe(before);
});
