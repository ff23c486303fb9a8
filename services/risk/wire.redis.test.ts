import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { riskTestSettings as settings } from '../../test/fixtures/risk-settings.ts';
import { createTestRedis } from '../../test/harness/stores/test-redis.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { Health } from '../shared/runtime/health.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { wireRisk } from './wire.ts';

it('runs the worker of exits and reports it in /statusz', async () => {
  const redis = await createTestRedis();
  const environment = {
    release: 'r',
    podName: 'risk-1',
    podIp: '10.0.0.1',
    logLevel: 'silent',
    port: undefined,
  } as const;
  const health = new Health();
  const plan = wireRisk(
    {
      environment: { ...environment, secretsDirectory: '/nowhere', settingsFile: '/nowhere' },
      settings,
      controlToken: () => 'token',
      redis: redis.options,
      postgres: { ...settings.postgres, password: 'x' },
    },
    {
      log: createLogger({ name: 'test', level: 'silent' }),
      clock: systemClock,
      health,
      metrics: new Registry(),
      incarnation: 'one',
    },
  );
  expect(plan.parts.map(({ name }) => name)).toContain('exits');
  expect(plan.statusFields?.()).toMatchObject({ trading: { state: 'Reducing' }, flatten: null, exits: null });
  expect(health.results()).toContainEqual(expect.objectContaining({ name: 'exits', ok: false }));
  for (const part of plan.parts) await part.stop?.();
  await redis.close();
});
