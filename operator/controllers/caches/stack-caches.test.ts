import { expect, it } from 'vitest';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { STACK_LABEL } from '../../api/v1alpha1/labels.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { Resource } from '../../kube/client/resource.ts';
import { createCaches } from './stack-caches.ts';

const named = (name: string, labels = {}) => ({
  metadata: { namespace: 'trading', name, uid: name, resourceVersion: '1', labels },
});
const ITEMS: Readonly<Record<string, readonly object[]>> = {
  tradingstacks: [named('demo')],
  pods: [named('demo-ws-1', { [STACK_LABEL]: 'demo' })],
};

/** A server with one stack and one pod that never change. */
const client = {
  list: async ({ plural }: Resource) => await Promise.resolve({ items: ITEMS[plural] ?? [], resourceVersion: '1' }),
  watch: async function* watch(_resource: Resource, { signal }: { readonly signal: AbortSignal }) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    yield* [];
  },
} as unknown as Pick<KubeClient, 'list' | 'watch'>;

it('prioritizes changes of a stack over changes of its children, and reports the age of each resource', async () => {
  const log = createLogger({ name: 'test', level: 'silent' });
  const caches = createCaches({
    client,
    clock: systemClock,
    log,
    namespaces: ['trading', 'other'],
    venueSecretNames: [],
  });
  const notified: string[] = [];
  caches.onChange((key, priority) => notified.push(`${key} ${priority}`));
  expect(caches.agesMs().get('pods')).toBe(Infinity);
  caches.start();
  await caches.renewed(AbortSignal.timeout(5_000));
  await caches.stop();
  expect(new Set(notified)).toEqual(new Set(['trading/demo high', 'trading/demo normal']));
  expect(caches.agesMs().get('pods')).toBeLessThan(60_000);
  expect([...caches.agesMs().keys()]).toEqual(expect.arrayContaining(['tradingstacks', 'secrets', 'deployments']));
});
