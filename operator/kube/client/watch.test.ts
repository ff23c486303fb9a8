import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { sendEvent, startFakeApiServer } from '../../../test/harness/kube/fake-api-server.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { configMaps } from './builtin-resources.ts';
import { createKubeClient } from './client.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const MEBI = 1024 * 1024;

/** Opens a watch, which the server answers with `answer`. */
async function watched(answer: (response: ServerResponse) => void) {
  const server = await startFakeApiServer();
  server.answer(answer);
  const common = { kubeConfig: server.kubeConfig, clock: virtualClock(), log, userAgent: 'test' };
  const client = createKubeClient({ ...common, lease: 'None' });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  const { signal } = new AbortController();
  return client.watch(configMaps, { resourceVersion: '1', timeoutMs: 300_000, idleMs: 90_000, signal });
}

it('delivers an object as large as etcd stores, with the record of its fields', async () => {
  const object = { metadata: { name: 'a' }, data: { filler: 'x'.repeat(3 * MEBI) } };
  const watch = await watched((response) => sendEvent(response, 'ADDED', object));
  expect(await watch.next()).toEqual({ done: false, value: { type: 'ADDED', object } });
  await watch.return(undefined);
});

it('ends a watch whose event does not end within 16 Mi characters', async () => {
  const watch = await watched((response) => response.writeHead(200).end('x'.repeat(17 * MEBI)));
  const message = 'a watch event exceeds the maximum length';
  await expect(watch.next()).rejects.toMatchObject({ code: 'Protocol', message });
});
