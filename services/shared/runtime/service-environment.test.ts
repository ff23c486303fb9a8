import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './errors.ts';
import { readSecret } from './secret-file.ts';
import { loadSettings, readEnvironment } from './service-environment.ts';

const directory = mkdtempSync(join(tmpdir(), 'settings-'));
const schema = z.strictObject({
  symbols: z.array(z.string()).min(1),
  limits: z.strictObject({ open: z.int().max(10) }),
});
const defaults = { settingsFile: '/etc/settings.json', secretsDirectory: '/etc/secrets' };

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function configErrorOf(work: () => unknown): ConfigError {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

describe('loadSettings', () => {
  it('parses the mounted document', () => {
    const path = file('good.json', '{"symbols":["XRP/ETH"],"limits":{"open":3}}');
    expect(loadSettings(schema, path)).toEqual({ symbols: ['XRP/ETH'], limits: { open: 3 } });
  });

  it('reports every problem with field, value and what is allowed', () => {
    const error = configErrorOf(() => loadSettings(schema, file('bad.json', '{"symbols":[],"limits":{"open":11}}')));
    expect(error.code).toBe('SettingsInvalid');
    expect(error.problems).toHaveLength(2);
    expect(error.problems[0]).toContain('symbols is []: ');
    expect(error.problems[1]).toMatch(/limits\.open is 11: .*10/);
  });

  it('drops and reports unknown fields of a newer operator at every depth', () => {
    const path = file('newer.json', '{"symbols":["XRP/ETH"],"later":1,"limits":{"open":3,"a":1,"b":{"c":2}}}');
    const ignored: string[] = [];
    const settings = loadSettings(schema, path, (fields) => void ignored.push(...fields));
    expect(settings).toEqual({ symbols: ['XRP/ETH'], limits: { open: 3 } });
    expect(ignored.toSorted((one, other) => one.localeCompare(other))).toEqual(['later', 'limits.a', 'limits.b']);
  });

  it('reports unknown fields as errors when there is another problem', () => {
    const error = configErrorOf(() =>
      loadSettings(schema, file('both.json', '{"symbols":["XRP/ETH"],"limit":{},"limits":{"open":11}}')),
    );
    expect(error.problems.join('\n')).toMatch(/limits\.open is 11/);
    expect(error.problems).toHaveLength(2);
  });

  it.each([
    ['missing', '/nowhere/settings.json', 'SettingsMissing'],
    ['not JSON', file('text.json', '{oops'), 'SettingsInvalid'],
  ])('reports that the document is %s', (_what, path, code) => {
    const error = configErrorOf(() => loadSettings(schema, path));
    expect(error.code).toBe(code);
    expect(error.message).toContain(path);
  });
});

describe('readEnvironment', () => {
  it('has a default for every variable and treats an empty variable as absent', () => {
    const environment = readEnvironment({ POD_NAME: 'ws-1', LOG_LEVEL: '' }, defaults);
    expect(environment).toMatchObject({ ...defaults, podName: 'ws-1', logLevel: 'info', release: 'development' });
  });

  it('serves on all interfaces by default, and on one if asked to', () => {
    expect(readEnvironment({}, defaults).host).toBeUndefined();
    expect(readEnvironment({ HOST: '127.0.0.2' }, defaults).host).toBe('127.0.0.2');
  });

  it('reports all invalid variables at once', () => {
    const error = configErrorOf(() => readEnvironment({ LOG_LEVEL: 'loud', PORT: '70000', HOST: 'me' }, defaults));
    expect(error.problems.join('\n')).toMatch(/LOG_LEVEL is "loud"[^]*PORT is "70000"[^]*HOST is "me"/);
  });
});

describe('readSecret', () => {
  it('returns the value without the trailing newline', () => {
    file('redis-password', 'a b\n');
    expect(readSecret(directory, 'redis-password', 'platform-ws')).toBe('a b');
  });

  it.each([
    ['missing', 'SecretMissing'],
    ['empty', 'SecretEmpty'],
  ])('names Secret and key when the file is %s', (name, code) => {
    file('empty', '\n');
    const error = configErrorOf(() => readSecret(directory, name, 'platform-ws'));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`set the key "${name}" of the Secret "platform-ws"`);
  });
});
