import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { startFakeApiServer } from '../../../test/harness/kube/fake-api-server.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { configMaps } from './builtin-resources.ts';
import { createKubeClient } from './client.ts';

async function setup() {
  const server = await startFakeApiServer();
  const log = createLogger({ name: 'test', level: 'silent' });
  const options = { kubeConfig: server.kubeConfig, clock: virtualClock(), log, userAgent: 'test/1' };
  const client = createKubeClient({ ...options, lease: 'None' });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { server, client };
}

const refused = { code: 'BadRequest', message: expect.stringMatching(/cannot be the name(?:space)? of a ConfigMap/) };

it.each(['', '.', '..', 'a/b', 'a%2e'])(
  'sends no request for the name or the namespace "%s", which would be another path',
  async (segment) => {
    const { server, client } = await setup();
    for (const ref of [
      { namespace: 'ns', name: segment },
      { namespace: segment, name: 'a' },
    ]) {
      const stored = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...ref, uid: 'u', resourceVersion: '1' } };
      const calls = [
        () => client.get(configMaps, ref),
        () => client.find(configMaps, ref),
        () => client.apply(configMaps, stored, { fieldManager: 'x' }),
        () => client.mergePatch(configMaps, ref, {}),
        () => client.setFinalizers(configMaps, stored, []),
        () => client.removeFields(configMaps, stored, []),
        () => client.replaceField(configMaps, stored, { pointer: '/data', value: {} }),
        () => client.delete(configMaps, ref),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject(refused);
    }
    await expect(client.list(configMaps, { namespace: segment })).rejects.toMatchObject(refused);
    await expect(client.create(configMaps, { metadata: { namespace: segment } })).rejects.toMatchObject(refused);
    expect(server.calls).toEqual([]);
  },
);

it('rejects, and does not throw, for an object without a name', async () => {
  const { server, client } = await setup();
  const message = expect.stringContaining('has no metadata.name');
  await expect(client.apply(configMaps, {}, { fieldManager: 'x' })).rejects.toMatchObject({
    code: 'BadRequest',
    message,
  });
  expect(server.calls).toEqual([]);
});
