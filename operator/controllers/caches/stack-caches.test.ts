import { expect, it, onTestFinished } from 'vitest';
import { sendJson, startFakeApiServer } from '../../../test/harness/kube/fake-api-server.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { STACK_LABEL } from '../../api/v1alpha1/labels.ts';
import { createKubeClient, type KubeClient } from '../../kube/client/client.ts';
import { KubeError } from '../../kube/client/kube-error.ts';
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

it('does not prioritize the echo of a status that the operator wrote', async () => {
  const log = createLogger({ name: 'test', level: 'silent' });
  const metadata = { namespace: 'trading', name: 'demo', uid: 'demo', generation: 1 };
  const watch = async function* watchStack({ plural }: Resource, { signal }: { readonly signal: AbortSignal }) {
    if (plural === 'tradingstacks') {
      yield { type: 'ADDED', object: { metadata: { ...metadata, resourceVersion: '2' } } };
      yield {
        type: 'MODIFIED',
        object: { metadata: { ...metadata, resourceVersion: '3' }, status: { phase: 'Running' } },
      };
      yield { type: 'MODIFIED', object: { metadata: { ...metadata, resourceVersion: '4', generation: 2 } } };
    }
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  };
  const list = async () => await Promise.resolve({ items: [], resourceVersion: '1' });
  const server = { list, watch } as unknown as Pick<KubeClient, 'list' | 'watch'>;
  const caches = createCaches({ client: server, clock: systemClock, log, namespaces: [], venueSecretNames: [] });
  const notified: string[] = [];
  caches.onChange((key, priority) => notified.push(`${key} ${priority}`));
  caches.start();
  await expect.poll(() => notified).toEqual(['trading/demo high', 'trading/demo normal', 'trading/demo high']);
  await caches.stop();
});

it('gives up waiting for lists that the API server refuses, and says which', async () => {
  const log = createLogger({ name: 'test', level: 'silent' });
  const list = async (resource: Resource) => {
    if (resource.plural === 'poddisruptionbudgets') throw new KubeError('Forbidden', 'cannot list resource');
    return await Promise.resolve({ items: [], resourceVersion: '1' });
  };
  const server = { ...client, list } as unknown as Pick<KubeClient, 'list' | 'watch'>;
  const options = { clock: systemClock, log, namespaces: [], venueSecretNames: [] };
  const caches = createCaches({ client: server, ...options, renewTimeoutMs: 200 });
  caches.start();
  await expect(caches.renewed(AbortSignal.timeout(5_000))).rejects.toThrow(
    'not listed within 0.2 s: poddisruptionbudgets (Forbidden: cannot list resource)',
  );
  await caches.stop();
});

it('shows a change of a stack within a minute although every watch is silent', async () => {
  const clock = virtualClock();
  const log = createLogger({ name: 'test', level: 'silent' });
  const server = await startFakeApiServer();
  const stack = named('demo');
  let items = [stack];
  server.answer((response, { path, query }) => {
    if (query.get('watch') === 'true') response.writeHead(200).flushHeaders();
    else
      sendJson(response, { metadata: { resourceVersion: '1' }, items: path.endsWith('/tradingstacks') ? items : [] });
  });
  const kube = createKubeClient({ kubeConfig: server.kubeConfig, clock, log, userAgent: 'test', lease: 'None' });
  const caches = createCaches({ client: kube, clock, log, namespaces: [], venueSecretNames: [] });
  onTestFinished(async () => {
    await caches.stop();
    await kube.close();
    await server.close();
  });
  caches.start();
  await caches.renewed(AbortSignal.timeout(5_000));
  expect(caches.stacks.ageMs('trading')).toBe(0);
  items = [{ metadata: { ...stack.metadata, resourceVersion: '2' } }];
  const version = (): string | undefined => caches.stacks.get('trading', 'demo')?.metadata.resourceVersion;
  while (version() === '1' && clock.monotonicMs() < 120_000) {
    await clock.advance(100);
    await systemClock.sleep(1);
  }
  expect(version()).toBe('2');
  expect(clock.monotonicMs()).toBeLessThan(60_000);
  expect(caches.stacks.ageMs('trading')).toBeLessThan(6_000);
});
