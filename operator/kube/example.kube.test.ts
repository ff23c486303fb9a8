import { expect, it } from 'vitest';
import { newNamespace, silentLog, testKubeClient, testKubeConfig } from '../../test/harness/kube/kube-client.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { configMaps, leases, serviceAccounts } from './client/builtin-resources.ts';
import { runTeams } from './example.ts';

it('runs the example of the README: creates, updates and repairs a child, and releases its lease', async () => {
  const admin = testKubeClient();
  const namespace = await newNamespace(admin, 'example');
  const ref = { namespace, name: 'a' };
  const stop = new AbortController();
  const running = runTeams(testKubeConfig(), { namespace, clock: systemClock, log: silentLog }, stop.signal);
  const teamOf = async () => (await admin.find(configMaps, ref))?.data?.['team'];
  await admin.create(serviceAccounts, { metadata: { ...ref, labels: { team: 'red' } } });
  await expect.poll(teamOf, { timeout: 20_000 }).toBe('red');
  await admin.mergePatch(serviceAccounts, ref, { metadata: { labels: { team: 'blue' } } });
  await expect.poll(teamOf).toBe('blue');
  await admin.mergePatch(configMaps, ref, { data: { team: 'green' } });
  await expect.poll(teamOf).toBe('blue');
  stop.abort();
  await running;
  expect((await admin.get(leases, { namespace, name: 'teams' })).spec?.holderIdentity).toBe('');
  await admin.close();
});
