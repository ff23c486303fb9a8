import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { severableServer } from '../../../test/harness/kube/severable-server.ts';
import { configMaps } from './builtin-resources.ts';
import type { CallOptions, KubeClient } from './client.ts';

let admin: KubeClient;
let ref: { readonly namespace: string; readonly name: string };

beforeAll(async () => {
  admin = testKubeClient();
  ref = { namespace: await newNamespace(admin, 'half-open'), name: 'a' };
  await admin.create(configMaps, { metadata: ref });
});

afterAll(async () => {
  await admin.close();
});

const read = async (client: KubeClient, options?: CallOptions) => await client.get(configMaps, ref, options);
const write = async (client: KubeClient, options?: CallOptions) =>
  await client.mergePatch(configMaps, ref, { data: { a: '1' } }, options);
const short = { deadlineMs: 300 };
const late = { code: 'Timeout', message: 'no answer within 300 ms' };

it.each([
  ['read', read],
  ['write', write],
])('gives a half-open connection up at the deadline of a %s, and uses another one', async (_what, call) => {
  const server = await severableServer();
  const client = testKubeClient({ kubeConfig: server.kubeConfig, maxConnections: 1 });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  await call(client);
  await call(client);
  expect(server.connections()).toBe(1);
  server.freeze();
  await expect(call(client, short)).rejects.toMatchObject(late);
  await call(client);
  expect(server.connections()).toBe(2);
  // Nothing passes on new connections either.
  server.freeze();
  server.throttle(0);
  for (let calls = 0; calls < 3; calls += 1) await expect(call(client, short)).rejects.toMatchObject(late);
  server.throttle(Number.POSITIVE_INFINITY);
  await call(client);
});
