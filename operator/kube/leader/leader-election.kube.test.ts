import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { leases } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { createLeaderElector } from './leader-election.ts';
import type { KubeObject } from '../client/resource.ts';

let admin: KubeClient;
let namespace: string;

beforeAll(async () => {
  admin = testKubeClient();
  namespace = await newNamespace(admin, 'lease');
});

afterAll(async () => {
  await admin.close();
});

/** Starts a candidate with a dedicated client, and with short times so that tests are fast. */
function candidate(identity: string, name: string) {
  const client = testKubeClient();
  const stop = new AbortController();
  const times = { leaseMs: 2_000, renewDeadlineMs: 1_200, retryMs: 200 };
  const elector = createLeaderElector({
    client,
    namespace,
    name,
    identity,
    clock: systemClock,
    log: silentLog,
    ...times,
  });
  const running = elector.run((signal) => untilAborted(signal), stop.signal);
  const ended = running.then(
    () => 'released',
    () => 'lost',
  );
  onTestFinished(async () => {
    stop.abort();
    await ended;
    await client.close();
  });
  return { elector, client, stop, ended };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

it('has one leader, and hands over at once when the leader releases the lease', async () => {
  const first = candidate('first', 'released');
  await expect.poll(() => first.elector.isLeader()).toBe(true);
  const second = candidate('second', 'released');
  await systemClock.sleep(500);
  expect([first.elector.mayWrite(), second.elector.mayWrite()]).toEqual([true, false]);
  first.stop.abort();
  expect(await first.ended).toBe('released');
  await expect.poll(() => second.elector.isLeader(), { timeout: 5_000 }).toBe(true);
  const lease = await admin.get(leases, { namespace, name: 'released' });
  expect(lease.spec).toMatchObject({ holderIdentity: 'second', leaseDurationSeconds: 2 });
  expect(lease.spec?.renewTime).toMatch(/\.\d{6}Z$/u);
});

it('replaces a killed leader, and never lets both write at the same time', async () => {
  const first = candidate('first', 'killed');
  await expect.poll(() => first.elector.isLeader()).toBe(true);
  const second = candidate('second', 'killed');
  const both: boolean[] = [];
  const watch = setInterval(() => both.push(first.elector.mayWrite() && second.elector.mayWrite()), 10);
  onTestFinished(() => clearInterval(watch));
  // Like a killed or disconnected process, it stops renewing without releasing the lease.
  await first.client.close();
  await expect.poll(() => second.elector.isLeader(), { timeout: 10_000 }).toBe(true);
  expect(await first.ended).toBe('lost');
  expect(both.some(Boolean)).toBe(false);
  const lease = await admin.get(leases, { namespace, name: 'killed' });
  expect(lease.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
});

it('stops leading at once when the lease names another holder', async () => {
  const first = candidate('first', 'usurped');
  await expect.poll(() => first.elector.isLeader()).toBe(true);
  await admin.mergePatch(leases, { namespace, name: 'usurped' }, { spec: { holderIdentity: 'usurper' } });
  expect(await first.ended).toBe('lost');
  expect(first.elector.mayWrite()).toBe(false);
});

it('needs MicroTime, because the server rejects times with three fractional digits', async () => {
  const lease = {
    metadata: { namespace, name: 'digits' },
    spec: { holderIdentity: 'x', renewTime: new Date(0).toISOString() },
  };
  await expect(admin.create(leases, lease as KubeObject)).rejects.toMatchObject({ code: 'BadRequest' });
});
