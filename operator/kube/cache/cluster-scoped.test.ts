import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { namespaces } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import type { Stored } from '../client/resource.ts';
import { createCacheSet } from './cache-set.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const metadata = { name: 'one', uid: 'u', resourceVersion: '1' };
const one: Stored = { apiVersion: 'v1', kind: 'Namespace', metadata };

it.each([
  ['all namespaces', []],
  ['listed namespaces', ['one', 'two']],
])('follows a kind without namespaces once, beside others in %s', async (_scope, listed) => {
  const lists: unknown[] = [];
  const client = {
    list: async (_resource: object, options: { readonly namespace?: string }) => {
      lists.push(options.namespace);
      return await Promise.resolve({ items: [one], resourceVersion: '1' });
    },
    watch: async function* watch(_resource: object, { signal }: { readonly signal: AbortSignal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      yield* [];
    },
  } as unknown as KubeClient;
  const set = createCacheSet({ client, clock: systemClock, log, namespaces: listed });
  const cache = set.follow(namespaces);
  onTestFinished(async () => await set.stop());
  set.start();
  await set.relisted(AbortSignal.timeout(5_000), 5_000);
  expect(lists).toEqual([undefined]);
  expect([cache.get('', 'one'), cache.list(), cache.list('')]).toEqual([one, [one], [one]]);
  expect(cache.followerOf('', 'one').hasSeen({ name: 'one' }, '1')).toBe(true);
});
