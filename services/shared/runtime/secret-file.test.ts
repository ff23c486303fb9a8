import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSecretReader } from './secret-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('reads a secret again when its file has changed', () => {
  writeFileSync(join(folder, 'token'), 'old\n');
  const token = createSecretReader(folder, 'token', 'tradingstack-control');
  expect(token()).toBe('old');
  writeFileSync(join(folder, 'token'), 'new\n');
  expect(token()).toBe('new');
});

it('keeps the last value while the file is missing or empty', () => {
  writeFileSync(join(folder, 'token'), 'old');
  const token = createSecretReader(folder, 'token', 'tradingstack-control');
  writeFileSync(join(folder, 'token'), '');
  expect(token()).toBe('old');
  rmSync(join(folder, 'token'));
  expect(token()).toBe('old');
});

it('fails at the start with the Secret and the remedy', () => {
  expect(() => createSecretReader(folder, 'token', 'tradingstack-control')).toThrow(
    'set the key "token" of the Secret "tradingstack-control"',
  );
});
