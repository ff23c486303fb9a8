import { expect, it, onTestFinished } from 'vitest';
import { configMapOf } from '../../../test/harness/kube/scripted-reflector.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { configMaps, secrets } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import type { Resource } from '../client/resource.ts';
import { createKubeMetrics } from '../metrics.ts';
import { createCacheSet } from './cache-set.ts';

it('counts the objects of all caches of a resource, which are one series', async () => {
  const objects: Record<string, number> = {};
  const none = { inc: () => undefined, observe: () => undefined };
  const gauge = ({ name }: { readonly name: string }) => ({
    set: ({ resource = '' }, value: number) => void (name === 'reflector_objects' && (objects[resource] = value)),
  });
  const { reflector: metrics } = createKubeMetrics({ counter: () => none, gauge, histogram: () => none });
  const names = { a: ['a'], b: ['b1', 'b2'], all: ['c'] };
  const client = {
    list: async (_resource: Resource, { fieldSelector = 'all' }: { readonly fieldSelector?: keyof typeof names }) =>
      await Promise.resolve({
        items: names[fieldSelector].map((name) => configMapOf(name, '1')),
        resourceVersion: '1',
      }),
    watch: async function* ({ plural }: Resource, { signal }: { readonly signal: AbortSignal }) {
      if (plural === 'configmaps') yield { type: 'DELETED', object: configMapOf('c', '2') };
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  } as unknown as KubeClient;
  const log = createLogger({ name: 'test', level: 'silent' });
  const set = createCacheSet({ client, clock: virtualClock(), log, namespaces: ['ns', 'other'], metrics });
  onTestFinished(async () => await set.stop());
  set.follow(secrets, { fieldSelector: 'a' });
  set.follow(secrets, { fieldSelector: 'b' });
  set.follow(configMaps);
  set.start();
  await expect.poll(() => objects).toEqual({ secrets: 6, configmaps: 0 });
});
