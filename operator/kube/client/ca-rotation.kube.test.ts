import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { testKubeClient, testKubeConfig } from '../../../test/harness/kube/kube-client.ts';
import { severableServer } from '../../../test/harness/kube/severable-server.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { namespaces } from './builtin-resources.ts';

const [otherCa = ''] = rootCertificates;

/** A client whose CA is a file, as in a pod. */
async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'ca-'));
  const caFile = join(folder, 'ca.crt');
  const server = await severableServer();
  const [cluster] = server.kubeConfig.getClusters();
  const { caData = '', ...rest } = cluster ?? expect.fail('no cluster');
  const ownCa = Buffer.from(caData, 'base64').toString();
  const kubeConfig = testKubeConfig();
  kubeConfig.clusters = [{ ...rest, caFile }];
  const clock = virtualClock();
  const client = testKubeClient({ kubeConfig, clock });
  onTestFinished(async () => {
    await client.close();
    await server.close();
    await rm(folder, { recursive: true });
  });
  const call = async () => await client.get(namespaces, { name: 'default' });
  const trust = async (ca: string) => await writeFile(caFile, ca);
  return { clock, server, ownCa, call, trust };
}

it('trusts another CA a minute after it replaced the former one', async () => {
  const { clock, ownCa, call, trust } = await setup();
  await trust(otherCa);
  await expect(call()).rejects.toMatchObject({ code: 'Unavailable' });
  await trust(ownCa);
  await clock.advance(60_000);
  await call();
});

it('keeps its connections while the CA is the same, and replaces them when it is not', async () => {
  const { clock, server, ownCa, call, trust } = await setup();
  await trust(ownCa);
  for (let minutes = 0; minutes < 3; minutes += 1) {
    await call();
    await clock.advance(60_000);
  }
  expect(server.connections()).toBe(1);
  await trust(`${ownCa}\n${otherCa}`);
  await call();
  expect(server.connections()).toBe(2);
});
