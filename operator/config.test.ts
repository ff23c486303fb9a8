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
