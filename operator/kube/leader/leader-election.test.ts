import { expect, it, onTestFinished } from 'vitest';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import type { KubeClient } from '../client/client.ts';
import { KubeError } from '../client/kube-error.ts';
import { createLeaderElector } from './leader-election.ts';
import { microTime } from '../client/micro-time.ts';
import type { Stored } from '../client/resource.ts';

const log = createLogger({ name: 'test', level: 'silent' });

interface Spec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly [field: string]: unknown;
}
type Lease = Stored & { readonly spec: Spec };

/** In-memory Lease with the rules of the API server: versions, compare-and-set, merge. */
function leaseServer() {
  let lease: Lease | undefined;
  let version = 0;
  const store = (spec: Spec): Lease => {
    version += 1;
    const metadata = { name: 'l', namespace: 'ns', uid: 'u', resourceVersion: String(version) };
    return (lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
  };
  return {
    lease: () => lease,
    write: store,
    find: () => lease,
    create: (object: { readonly spec: Spec }) => {
      if (lease !== undefined) throw new KubeError('AlreadyExists', 'x');
      return store(object.spec);
    },
    patch: (patch: { readonly metadata: { readonly resourceVersion: string }; readonly spec: Spec }) => {
      if (patch.metadata.resourceVersion !== lease?.metadata.resourceVersion) throw new KubeError('Conflict', 'x');
      return store({ ...lease.spec, ...patch.spec });
    },
  };
}

function candidate(
  identity: string,
  server: ReturnType<typeof leaseServer>,
  clock: VirtualClock,
  isPredecessor: (holder: string) => boolean = () => false,
) {
  const net = { fails: false, hangs: false, slowMs: 0, calls: 0 };
  const answer = async <T>(deadlineMs: number | undefined, call: () => T): Promise<T> => {
    net.calls += 1;
    if (net.fails) throw new KubeError('Timeout', 'x');
    const takesMs = net.hangs ? Infinity : net.slowMs;
    const waitMs = Math.min(takesMs, deadlineMs ?? Infinity);
    if (waitMs > 0) await clock.sleep(waitMs);
    if (takesMs > waitMs) throw new KubeError('Timeout', 'x');
    return call();
  };
  const client = {
    find: (_r: unknown, _ref: unknown, o: { deadlineMs?: number } = {}) => answer(o.deadlineMs, server.find),
    create: (_r: unknown, object: never, o: { deadlineMs?: number } = {}) =>
      answer(o.deadlineMs, () => server.create(object)),
    mergePatch: (_r: unknown, _ref: unknown, patch: never, o: { deadlineMs?: number } = {}) =>
      answer(o.deadlineMs, () => server.patch(patch)),
  } as unknown as KubeClient;
  const stop = new AbortController();
  const events: string[] = [];
  const working = Promise.withResolvers<void>();
  const elector = createLeaderElector({
    client,
    namespace: 'ns',
    name: 'l',
    identity,
    isPredecessor,
    clock,
    log,
    random: () => 0,
  });
  const running = elector
    .run(async (signal) => {
      events.push('leads');
      signal.addEventListener('abort', () => events.push('aborted'), { once: true });
      await working.promise;
    }, stop.signal)
    .then(
      () => events.push('returned'),
      (error: Error) => events.push(error.name),
    );
  onTestFinished(async () => {
    stop.abort();
    working.resolve();
    await clock.advance(20_000);
    await running;
  });
  return {
    elector,
    stop,
    events,
    net,
    finishWork: () => working.resolve(),
    failWork: (error: Error) => working.reject(error),
  };
}

it('takes a free lease, renews it every 2 s, and records this in the lease', async () => {
  const clock = virtualClock(Date.UTC(2026, 0, 1));
  const server = leaseServer();
  const { elector, events, net } = candidate('one', server, clock);
  await clock.advance(0);
  expect(server.lease()?.spec).toEqual({
    holderIdentity: 'one',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  });
  await clock.advance(10_000);
  expect(server.lease()?.spec).toMatchObject({
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:10.000000Z',
  });
  expect([events, elector.mayWrite(), elector.holder()]).toEqual([['leads'], true, 'one']);
  expect(net.calls).toBe(7);
});

it('takes the lease of a former process of its pod at once, and waits for that of any other', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  server.write({ holderIdentity: 'pod-a_1', leaseDurationSeconds: 15, renewTime: microTime(0), leaseTransitions: 4 });
  const other = candidate('pod-b_1', server, clock, (holder) => holder.startsWith('pod-b_'));
  await clock.advance(5_000);
  expect(other.events).toEqual([]);
  const restarted = candidate('pod-a_2', server, clock, (holder) => holder.startsWith('pod-a_'));
  await clock.advance(0);
  expect(restarted.events).toEqual(['leads']);
  expect(server.lease()?.spec).toMatchObject({ holderIdentity: 'pod-a_2', leaseTransitions: 5 });
});

it('measures the silence of a holder with its own clock and ignores the times in the lease', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  server.write({ holderIdentity: 'ghost', leaseDurationSeconds: 15, renewTime: microTime(0), leaseTransitions: 4 });
  const { elector, events } = candidate('one', server, clock);
  await clock.advance(14_000);
  expect(elector.isLeader()).toBe(false);
  clock.setNow(clock.nowMs() + 3_600_000);
  server.write({ ...server.lease()?.spec, renewTime: microTime(1) });
  await clock.advance(15_000);
  expect(events).toEqual([]);
  await clock.advance(4_000);
  expect(events).toEqual(['leads']);
  expect(server.lease()?.spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 5 });
});

it('waits as long as the lease of the holder says, not as long as its own', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  server.write({ holderIdentity: 'ghost', leaseDurationSeconds: 60 });
  const { events } = candidate('one', server, clock);
  await clock.advance(59_000);
  expect(events).toEqual([]);
  await clock.advance(4_000);
  expect(events).toEqual(['leads']);
});

it('counts the time that it may write from when it sent the renewal, not from the answer', async () => {
  const clock = virtualClock();
  const { elector, net } = candidate('one', leaseServer(), clock);
  net.slowMs = 1_500;
  // The request that creates the lease.
  await clock.advance(1_500);
  expect([elector.isLeader(), elector.writeLeftMs()]).toEqual([true, 8_500]);
});

it('loses the lease when no renewal succeeds within 10 s, and may not write from then on', async () => {
  const clock = virtualClock();
  const { elector, events, net } = candidate('one', leaseServer(), clock);
  await clock.advance(4_000);
  net.fails = true;
  expect(elector.writeLeftMs()).toBe(10_000);
  await clock.advance(9_999);
  expect([elector.mayWrite(), elector.writeLeftMs(), events]).toEqual([true, 1, ['leads']]);
  await clock.advance(1);
  expect([elector.mayWrite(), elector.writeLeftMs()]).toEqual([false, 0]);
  await clock.advance(2_000);
  expect(events).toEqual(['leads', 'aborted', 'LeadershipLostError']);
  expect(elector.isLeader()).toBe(false);
});

it('keeps the lease through failures shorter than the renew deadline', async () => {
  const clock = virtualClock();
  const { events, net } = candidate('one', leaseServer(), clock);
  await clock.advance(2_000);
  net.fails = true;
  await clock.advance(8_000);
  net.fails = false;
  await clock.advance(60_000);
  expect(events).toEqual(['leads']);
});

it('takes and keeps the lease while the API server answers after 4 s', async () => {
  const clock = virtualClock();
  const { elector, events, net } = candidate('one', leaseServer(), clock);
  net.slowMs = 4_000;
  await clock.advance(20_000);
  expect(events).toEqual(['leads']);
  const mayWrite: boolean[] = [];
  for (let seconds = 0; seconds < 60; seconds += 1) {
    await clock.advance(1_000);
    mayWrite.push(elector.mayWrite());
  }
  expect([events, mayWrite.every(Boolean)]).toEqual([['leads'], true]);
});

it('keeps the lease when a connection dies, because a try leaves time for another one', async () => {
  const clock = virtualClock();
  const { elector, events, net } = candidate('one', leaseServer(), clock);
  await clock.advance(3_000);
  net.hangs = true;
  await clock.advance(1_500);
  net.hangs = false;
  await clock.advance(5_500);
  expect([events, elector.mayWrite()]).toEqual([['leads'], true]);
  await clock.advance(20_000);
  expect([events, elector.mayWrite()]).toEqual([['leads'], true]);
});

it('never lets both of two candidates write, even if the first loses its connection and reconnects', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  const one = candidate('one', server, clock);
  await clock.advance(100);
  const two = candidate('two', server, clock);
  const overlapsAtMs: number[] = [];
  for (let elapsedMs = 0; elapsedMs < 60_000; elapsedMs += 250) {
    one.net.fails = elapsedMs > 10_000 && elapsedMs < 40_000;
    await clock.advance(250);
    if (one.elector.mayWrite() && two.elector.mayWrite()) overlapsAtMs.push(elapsedMs);
  }
  expect(overlapsAtMs).toEqual([]);
  expect([one.events.at(-1), two.events]).toEqual(['LeadershipLostError', ['leads']]);
});

it('stops leading at once when it finds another holder', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  const { elector, events } = candidate('one', server, clock);
  await clock.advance(2_500);
  server.write({ holderIdentity: 'two', leaseDurationSeconds: 15 });
  await clock.advance(2_000);
  expect([events, elector.holder()]).toEqual([['leads', 'aborted', 'LeadershipLostError'], 'two']);
  expect([elector.writeLeftMs(), elector.lost.aborted]).toEqual([0, true]);
});

it('keeps leading when a renewal succeeded but its response was lost', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  const { elector, events } = candidate('one', server, clock);
  await clock.advance(2_500);
  server.write({ ...server.lease()?.spec, renewTime: microTime(clock.nowMs()) });
  await clock.advance(10_000);
  expect([events, elector.mayWrite()]).toEqual([['leads'], true]);
});

it('stops its work, renews until the work has ended, then releases the lease', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  const one = candidate('one', server, clock);
  await clock.advance(100);
  one.stop.abort();
  await clock.advance(30_000);
  expect([one.events, one.elector.mayWrite()]).toEqual([['leads', 'aborted'], true]);
  one.finishWork();
  await clock.advance(0);
  expect(one.events).toEqual(['leads', 'aborted', 'returned']);
  expect(server.lease()?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  const two = candidate('two', server, clock);
  await clock.advance(0);
  expect([two.events, one.elector.mayWrite(), one.elector.lost.aborted]).toEqual([['leads'], false, false]);
});

it('returns without an error when its work ends with Aborted after the stop', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  const one = candidate('one', server, clock);
  await clock.advance(100);
  one.stop.abort();
  one.failWork(new KubeError('Aborted', 'stopped before the list was complete'));
  await clock.advance(0);
  expect(one.events).toEqual(['leads', 'aborted', 'returned']);
  expect(server.lease()?.spec.holderIdentity).toBe('');
});

it('releases the lease and rejects when its work fails, so that another candidate can lead', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  const one = candidate('one', server, clock);
  await clock.advance(100);
  one.failWork(new KubeError('Timeout', 'not listed within 60 s: pods'));
  await clock.advance(0);
  expect([one.events, one.elector.mayWrite()]).toEqual([['leads', 'KubeError'], false]);
  expect(server.lease()?.spec.holderIdentity).toBe('');
});

it('does not lead if it is stopped while waiting for the lease', async () => {
  const clock = virtualClock();
  const server = leaseServer();
  server.write({ holderIdentity: 'other', leaseDurationSeconds: 15 });
  const { stop, events } = candidate('one', server, clock);
  await clock.advance(5_000);
  stop.abort();
  await clock.advance(0);
  expect(events).toEqual(['returned']);
  expect(server.lease()?.spec.holderIdentity).toBe('other');
});
