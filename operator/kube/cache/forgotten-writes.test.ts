import { expect, it } from 'vitest';
import { configMapOf } from '../../../test/harness/kube/scripted-reflector.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLastWritten } from './last-written.ts';
import { createStore } from './store.ts';

function setup() {
  const clock = virtualClock();
  const lastWritten = createLastWritten({ clock });
  /** Returns how often the cache has been asked for the write since. */
  const write = (key: string): (() => number) => {
    let asked = 0;
    const hasSeen = (): boolean => {
      asked += 1;
      return false;
    };
    const rest = { store: createStore(), hasListedSince: () => false, requestRelist: () => undefined };
    lastWritten.expectWritten(key, { ...rest, hasSeen }, configMapOf(key, '12'));
    return () => asked;
  };
  return { clock, lastWritten, write };
}

it('forgets the writes of a key that is never asked for again, with the next write of another key', async () => {
  const { clock, lastWritten, write } = setup();
  const asked = write('deleted');
  await clock.advance(15_000);
  write('other');
  expect([lastWritten.pending('deleted'), asked()]).toEqual([false, 0]);
});

it('remembers the writes of every key for three bounds', async () => {
  const { clock, lastWritten, write } = setup();
  write('first');
  await clock.advance(14_999);
  write('other');
  expect([lastWritten.pending('first'), lastWritten.pending('other')]).toEqual([true, true]);
});
