import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../test/harness/kube/kube-client.ts';
import { createRationedUser } from '../../test/harness/kube/controller-layer/rationed-user.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createReflector } from './cache/reflector.ts';
import { configMaps } from './client/builtin-resources.ts';
import type { KubeClient } from './client/client.ts';
import type { KubeObject } from './client/resource.ts';
import { createController } from './queue/controller.ts';

let admin: KubeClient;
let client: KubeClient;
let namespace: string;
/** Ends what keeps the server busy. */
let release: () => void;

beforeAll(() => {
  admin = testKubeClient();
});
afterAll(async () => {
  await admin.close();
});
beforeEach(async () => {
  namespace = await newNamespace(admin, 'busy');
  const user = await createRationedUser(admin);
  client = testKubeClient({ kubeConfig: user.kubeConfig });
  release = await user.occupy();
  return async () => {
    release();
    await client.close();
  };
});

/** The server asks for a second; timers may be a little early. */
const RETRY_AFTER_MS = 990;

const common = { clock: systemClock, log: silentLog };
const gaps = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((at, index) => at - (times[index] ?? at));

it('rejects with TooManyRequests, and with the wait that the server asks for', async () => {
  const busy = { code: 'TooManyRequests', status: 429, retryAfterMs: 1_000 };
  await expect(client.list(configMaps, { namespace })).rejects.toMatchObject(busy);
  await expect(client.create(configMaps, { metadata: { namespace, name: 'a' } })).rejects.toMatchObject(busy);
  expect((await admin.list(configMaps, { namespace })).items).toEqual([]);
});

it('lists no earlier than a busy server asks, and goes on', async () => {
  const listedAt: number[] = [];
  const counting: Pick<KubeClient, 'list' | 'watch'> = {
    list: (...parameters) => {
      listedAt.push(performance.now());
      return client.list(...parameters);
    },
    watch: (...parameters) => client.watch(...parameters),
  };
  const backoff = { minBackoffMs: 1, maxBackoffMs: 1 };
  const options = { client: counting, resource: configMaps, namespace, ...common, ...backoff };
  const reflector = createReflector<KubeObject>(options);
  onTestFinished(async () => await reflector.stop());
  reflector.start();
  await expect.poll(() => listedAt.length, { timeout: 10_000 }).toBeGreaterThan(1);
  release();
  await reflector.synced();
  expect(Math.min(...gaps(listedAt))).toBeGreaterThan(RETRY_AFTER_MS);
  await admin.create(configMaps, { metadata: { namespace, name: 'a' } });
  await expect.poll(() => reflector.store.size, { timeout: 10_000 }).toBe(1);
});

it('leaves a key alone for as long as a busy server asks, although it changes, and goes on', async () => {
  const triedAt: number[] = [];
  const reconcile = async (name: string) => {
    triedAt.push(performance.now());
    await client.create(configMaps, { metadata: { namespace, name } });
    return {};
  };
  const queue = { baseDelayMs: 1, ratePerSecond: 1_000 };
  const lastWritten = { pending: () => false };
  const controller = createController({ name: 'busy', reconcile, ...common, lastWritten, queue });
  const stop = new AbortController();
  const running = controller.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  const changes = setInterval(() => controller.enqueue('a'), 50);
  onTestFinished(() => clearInterval(changes));
  await expect.poll(() => triedAt.length, { timeout: 10_000 }).toBeGreaterThan(1);
  clearInterval(changes);
  release();
  const created = async () => await admin.find(configMaps, { namespace, name: 'a' });
  await expect.poll(created, { timeout: 10_000 }).toBeDefined();
  expect(Math.min(...gaps(triedAt))).toBeGreaterThan(RETRY_AFTER_MS);
});
