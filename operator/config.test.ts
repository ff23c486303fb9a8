import { afterEach, expect, it, vi } from 'vitest';
import { readConfig } from './config.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

function set(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

it('reads the variables that the chart sets', () => {
  set({
    POD_NAME: 'op-1',
    POD_NAMESPACE: 'system',
    WATCH_NAMESPACES: 'a, b',
    VENUE_SECRET_NAMES: 'mexc',
    LOG_LEVEL: 'debug',
    PORT: '',
    RESOLVER: '{"namespace":"dns","podLabels":{"app":"unbound"},"cidrs":["169.254.20.10/32"],"port":5353}',
  });
  expect(readConfig()).toMatchObject({
    podName: 'op-1',
    namespace: 'system',
    port: 8_080,
    watchNamespaces: ['a', 'b'],
    venueSecretNames: ['mexc'],
    surroundings: {
      operatorNamespace: 'system',
      resolver: { namespace: 'dns', podLabels: { app: 'unbound' }, cidrs: ['169.254.20.10/32'], port: 5_353 },
    },
    environment: { logLevel: 'debug' },
  });
});

it.each(['no JSON', '{}', '{"namespace":"dns","podLabels":{},"cidrs":[],"port":53}'])(
  'rejects a resolver that is malformed or would match every pod: %s',
  (resolver) => {
    set({ POD_NAME: 'op-1', POD_NAMESPACE: 'system', RESOLVER: resolver });
    expect(() => readConfig()).toThrow(/RESOLVER/);
  },
);

it('reports every problem at once', () => {
  set({ POD_NAME: '', POD_NAMESPACE: '', PORT: 'many', WATCH_NAMESPACES: 'Not A Name' });
  expect(() => readConfig()).toThrow(/POD_NAME[^]*POD_NAMESPACE[^]*PORT[^]*WATCH_NAMESPACES/);
});

it('reads the settings of the controller, and has a default for each', () => {
  set({ POD_NAME: 'op-1', POD_NAMESPACE: 'system' });
  expect(readConfig()).toMatchObject({
    controller: { workers: 8, timeoutMs: 60_000 },
    queue: { ratePerSecond: 10, burst: 100 },
    caches: { auditIntervalMs: 600_000, renewTimeoutMs: 60_000 },
    podTimeoutMs: 1_000,
    leaseSeconds: 15,
  });
  set({
    RECONCILE_WORKERS: '16',
    RECONCILE_TIMEOUT_MS: '30000',
    RETRIES_PER_SECOND: '50',
    RETRY_BURST: '500',
    LEASE_SECONDS: '30',
    POD_TIMEOUT_MS: '500',
    AUDIT_INTERVAL_MS: '3600000',
    CACHE_LIST_TIMEOUT_MS: '120000',
  });
  expect(readConfig()).toMatchObject({
    controller: { workers: 16, timeoutMs: 30_000 },
    queue: { ratePerSecond: 50, burst: 500 },
    caches: { auditIntervalMs: 3_600_000, renewTimeoutMs: 120_000 },
    podTimeoutMs: 500,
    leaseSeconds: 30,
  });
});

it.each([
  ['RECONCILE_WORKERS', '0', '>=1'],
  ['RECONCILE_WORKERS', '65', '<=64'],
  ['RECONCILE_TIMEOUT_MS', '999', '>=5000'],
  ['RETRIES_PER_SECOND', '1.5', 'expected int'],
  ['RETRY_BURST', '-1', '>=1'],
  ['LEASE_SECONDS', '5', '>=6'],
  ['POD_TIMEOUT_MS', '1s', 'expected number'],
  ['AUDIT_INTERVAL_MS', '1000', '>=60000'],
  ['CACHE_LIST_TIMEOUT_MS', '600001', '<=600000'],
])('rejects %s=%s, and names the variable, the value and the bound', (name, value, bound) => {
  set({ POD_NAME: 'op-1', POD_NAMESPACE: 'system', [name]: value });
  expect(() => readConfig()).toThrow(`environment variable ${name} is "${value}"`);
  expect(() => readConfig()).toThrow(bound);
});
