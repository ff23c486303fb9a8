import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLastWritten } from './last-written.ts';
import { keyOf, type Stored } from '../client/resource.ts';
import { createStore, isAtLeast } from './store.ts';

function map(resourceVersion: string, uid = 'u'): Stored {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'child', namespace: 'ns', uid, resourceVersion } };
}

function setup() {
  const clock = virtualClock();
  const store = createStore();
  const relists: number[] = [];
  let listedAtMs = -1;
  const follower = {
    store,
    hasSeen: (ref: { name: string }, version: string) =>
      isAtLeast(store.get(keyOf(ref))?.metadata.resourceVersion, version) || isAtLeast(store.resourceVersion, version),
    hasListedSince: (ms: number) => listedAtMs >= ms,
    requestRelist: () => relists.push(clock.monotonicMs()),
  };
  const listed = (): void => {
    listedAtMs = clock.monotonicMs();
  };
  return { clock, store, follower, relists, listed, lastWritten: createLastWritten({ clock }) };
}

it('holds a key until the cache reaches the written version, and holds no other key', () => {
  const { store, follower, lastWritten } = setup();
  store.replace([map('5')], '9');
  lastWritten.expectWritten('ns/owner', follower, map('12'));
  expect([lastWritten.pending('ns/owner'), lastWritten.pending('ns/other')]).toEqual([true, false]);
  store.put(map('11'));
  expect(lastWritten.pending('ns/owner')).toBe(true);
  store.put(map('12'));
  expect(lastWritten.pending('ns/owner')).toBe(false);
});

it('holds a key until the cache shows each of two objects of the same name but of different kinds', () => {
  const { store, follower, lastWritten } = setup();
  const other = { ...setup().follower };
  lastWritten.expectWritten('k', other, { ...map('11'), kind: 'Secret' });
  lastWritten.expectWritten('k', follower, map('12'));
  store.replace([map('12')], '12');
  expect(lastWritten.pending('k')).toBe(true);
});

it('releases a key when the collection has passed the write, or when the write changed nothing', () => {
  const { store, follower, lastWritten } = setup();
  store.replace([map('5')], '9');
  lastWritten.expectWritten('k', follower, map('5'));
  expect(lastWritten.pending('k')).toBe(false);
  lastWritten.expectWritten('k', follower, map('12'));
  store.advanceTo('13');
  expect(lastWritten.pending('k')).toBe(false);
});

it('requests a list each time the bound expires, and trusts a list begun after the write', async () => {
  const { clock, follower, relists, listed, lastWritten } = setup();
  lastWritten.expectWritten('k', follower, map('12'));
  listed();
  await clock.advance(1);
  lastWritten.expectWritten('k', follower, map('13'));
  for (let elapsed = 0; elapsed < 11_000; elapsed += 100) {
    await clock.advance(100);
    expect(lastWritten.pending('k')).toBe(true);
  }
  expect(relists).toEqual([5_001, 10_001]);
  listed();
  expect(lastWritten.pending('k')).toBe(false);
});

it('gives up after three bounds, and waits again for the next write', async () => {
  const { clock, follower, relists, lastWritten } = setup();
  lastWritten.expectWritten('k', follower, map('12'));
  lastWritten.expectWritten('k', follower, { ...map('12'), metadata: { ...map('12').metadata, name: 'other' } });
  for (let elapsed = 100; elapsed < 15_000; elapsed += 100) {
    await clock.advance(100);
    expect(lastWritten.pending('k')).toBe(true);
  }
  await clock.advance(100);
  expect([lastWritten.pending('k'), relists]).toEqual([false, [5_000, 5_000, 10_000, 10_000]]);
  lastWritten.expectWritten('k', follower, map('13'));
  expect(lastWritten.pending('k')).toBe(true);
});

it('holds a key until the deleted object is removed, replaced or marked for deletion', () => {
  const { store, follower, lastWritten } = setup();
  store.put(map('5'));
  lastWritten.expectDeleted('k', follower, map('5'));
  expect(lastWritten.pending('k')).toBe(true);
  store.put({ ...map('6'), metadata: { ...map('6').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  expect(lastWritten.pending('k')).toBe(false);
  lastWritten.expectDeleted('k', follower, map('5'));
  store.put(map('7', 'another'));
  expect(lastWritten.pending('k')).toBe(false);
});
