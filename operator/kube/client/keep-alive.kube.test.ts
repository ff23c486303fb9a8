import { Socket } from 'node:net';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { severableServer } from '../../../test/harness/kube/severable-server.ts';
import { namespaces } from './builtin-resources.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function setup() {
  const server = await severableServer();
  const client = testKubeClient({ kubeConfig: server.kubeConfig });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { server, client };
}

it('keeps a connection for 30 s after its last call', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { server, client } = await setup();
  const call = async () => await client.get(namespaces, { name: 'default' });
  await call();
  await vi.advanceTimersByTimeAsync(29_000);
  await call();
  expect(server.connections()).toBe(1);
  await vi.advanceTimersByTimeAsync(29_000);
  await call();
  expect(server.connections()).toBe(1);
  await vi.advanceTimersByTimeAsync(31_000);
  await call();
  expect(server.connections()).toBe(2);
});

it('has the system probe every connection that is silent for 30 s', async () => {
  const probed = vi.spyOn(Socket.prototype, 'setKeepAlive');
  const { client } = await setup();
  // One connection of each pool.
  await client.get(namespaces, { name: 'default' });
  await client.mergePatch(namespaces, { name: 'default' }, {});
  const { signal } = new AbortController();
  const watch = client.watch(namespaces, { resourceVersion: '0', timeoutMs: 60_000, idleMs: 60_000, signal });
  await watch.next();
  await watch.return(undefined);
  expect(probed.mock.calls).toEqual(Array.from({ length: 3 }, () => [true, 30_000]));
});
