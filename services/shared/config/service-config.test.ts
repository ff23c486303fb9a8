import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { riskSettings } from '../contracts/services/risk.ts';
import { signalSettings } from '../contracts/services/signal.ts';
import { buildSettings } from '../../../operator/resources/settings/build-settings.ts';
import { stackContext } from '../../../test/fixtures/stack-observation.ts';
import { readServiceConfig } from './service-config.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-config-'));
  mkdirSync(join(folder, 'platform'));
  writeFileSync(join(folder, 'platform/redis-password'), 'r3dis\n');
  writeFileSync(join(folder, 'platform/postgres-password'), 'p0stgres\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

function environmentOf(service: 'risk' | 'signal'): Readonly<Record<string, string>> {
  const file = join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify(buildSettings(stackContext(), service)));
  return { SETTINGS_FILE: file, SECRETS_DIR: folder, RELEASE: 'r1', POD_NAME: 'pod-1' };
}

it('gives a service its stores with their passwords and the id of the stack', () => {
  const { environment, settings, redis, postgres } = readServiceConfig('risk', riskSettings, environmentOf('risk'));
  expect(environment).toMatchObject({ release: 'r1', podName: 'pod-1' });
  expect(redis).toEqual({ ...settings.redis, stack: settings.stack.id, password: 'r3dis' });
  expect(postgres).toEqual({ ...settings.postgres, password: 'p0stgres' });
});

it('asks for no password of a store that the service does not use', () => {
  rmSync(join(folder, 'platform/postgres-password'));
  const config = readServiceConfig('signal', signalSettings, environmentOf('signal'));
  expect(config).not.toHaveProperty('postgres');
  expect(config.redis.password).toBe('r3dis');
});

it('names the missing secret file and the Secret of the service', () => {
  rmSync(join(folder, 'platform/redis-password'));
  expect(() => readServiceConfig('risk', riskSettings, environmentOf('risk'))).toThrow(
    /redis-password.*platform-risk/s,
  );
});
