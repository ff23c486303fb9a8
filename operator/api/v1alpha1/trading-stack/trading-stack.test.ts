import { describe, expect, it } from 'vitest';
import { wrongResources } from '../../../../test/e2e/wrong-resources.ts';
import { cross, sampleStack } from '../../../../test/fixtures/sample-stack.ts';
import { parseSpec } from './trading-stack.ts';

it('fills in the defaults', () => {
  expect(parseSpec(sampleStack().spec)).toMatchObject({
    spec: {
      mode: 'Paper',
      halt: false,
      rollout: { tierDeadlineSeconds: 300, soakSeconds: 3 },
      redis: { host: 'redis', port: 6_379 },
      postgres: { host: 'postgres', port: 5_432, database: 'trading_ecosystem' },
      risk: { maxOrderNotional: '0.5', maxOpenOrders: 20 },
      paper: { requoteMs: 500, instruments: [] },
    },
  });
});

describe('rejects on its own what admission rejects', () => {
  const ofSpec = wrongResources().filter(
    ({ resource, strict }) => resource.metadata.name === 'wrong' && strict !== true,
  );

  it.each(ofSpec)('$what', ({ resource }) => {
    expect(parseSpec(resource.spec)).toMatchObject({ problem: expect.stringMatching(/^spec\./) });
  });
});

it('ignores fields of a newer CRD at every level, so that an older operator still reads the spec', () => {
  const spec = sampleStack().spec as Record<string, unknown>;
  const newer = {
    ...spec,
    ramp: { steps: [] },
    venue: { ...(spec['venue'] as object), egress: {} },
    risk: { ...(spec['risk'] as object), x: 1 },
  };
  expect(parseSpec(newer)).toEqual(parseSpec(spec));
});

it('compares decimals exactly, where admission compares doubles', () => {
  const above = { strategies: [cross({ orderNotional: '0.500000000000000001' })] };
  expect(parseSpec(sampleStack({ change: above }).spec)).toEqual({
    problem: 'spec.strategies.0.orderNotional: must not exceed risk.maxOrderNotional',
  });
});

it('reports several problems at once', () => {
  const change = { redis: { port: 0 }, postgres: { port: 0 } };
  expect(parseSpec(sampleStack({ change }).spec)).toMatchObject({
    problem: expect.stringMatching(/redis\.port.*postgres\.port/),
  });
});

it('accepts several quote assets with a currency of the limits', () => {
  const instruments = [{ symbol: 'XRP/ETH' }, { symbol: 'ETH/BTC' }];
  for (const currency of ['ETH', 'BTC', 'XRP'])
    expect(parseSpec(sampleStack({ change: { instruments, risk: { currency } } }).spec)).not.toHaveProperty('problem');
});
