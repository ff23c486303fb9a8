import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../test/harness/kube/kube-client.ts';
import { startFakeApiServer } from '../test/harness/kube/fake-api-server.ts';
import { systemClock } from '../services/shared/runtime/clock.ts';
import { createClients } from './clients.ts';
import { secrets } from './kube/client/builtin-resources.ts';

it('gives the operator a client that writes nothing without the lease, and still reads', async () => {
  const server = await startFakeApiServer();
  const modules = { kubeConfig: server.kubeConfig, clock: systemClock, log: silentLog, identity: 'pod_a' };
  const config = {
    podName: 'pod',
    namespace: 'system',
    controller: { workers: 1, timeoutMs: 60_000 },
    leaseSeconds: 15,
  };
  const { client, close } = createClients(config, modules);
  onTestFinished(async () => {
    await close();
    await server.close();
  });
  const ref = { namespace: 'trading', name: 'demo' };
  const object = { metadata: ref };
  for (const write of [
    async () => await client.create(secrets, object),
    async () => await client.apply(secrets, object, { fieldManager: 'test' }),
    async () => await client.mergePatch(secrets, ref, {}),
    async () => await client.delete(secrets, ref),
  ])
    await expect(write()).rejects.toMatchObject({ code: 'NotLeader' });
  expect(server.calls).toEqual([]);
  await expect(client.get(secrets, ref)).rejects.toMatchObject({ code: 'NotFound' });
});

it('writes the configured duration into its lease', async () => {
  const server = await startFakeApiServer();
  const modules = { kubeConfig: server.kubeConfig, clock: systemClock, log: silentLog, identity: 'pod_a' };
  const config = {
    podName: 'pod',
    namespace: 'system',
    controller: { workers: 1, timeoutMs: 60_000 },
    leaseSeconds: 30,
  };
  const { elector, close } = createClients(config, modules);
  const stop = new AbortController();
  const running = elector.run(async () => await Promise.resolve(), stop.signal);
  await expect
    .poll(() => server.calls.find(({ method }) => method === 'POST')?.body)
    .toContain('"leaseDurationSeconds":30');
  stop.abort();
  await running;
  await close();
  await server.close();
});

it('is the only place of the operator that builds a client', () => {
  const source = readFileSync(new URL('wire.ts', import.meta.url), 'utf8');
  expect(source).toContain('createClients(config, ');
  expect(source).not.toContain('createKubeClient');
});
