import { expect, it } from 'vitest';
import { virtualClock } from '../../harness/virtual-clock.ts';
import { pause } from './pause.ts';

it('waits the seconds that it is given', async () => {
  const clock = virtualClock();
  let over = false;
  const pausing = pause(3, new AbortController().signal, clock).then(() => (over = true));
  await clock.advance(2_999);
  expect(over).toBe(false);
  await clock.advance(1);
  await pausing;
  expect(over).toBe(true);
});

it('ends when it is stopped, before or meanwhile', async () => {
  const stop = new AbortController();
  const pausing = pause(60, stop.signal, virtualClock());
  stop.abort();
  await expect(pausing).resolves.toBeUndefined();
  await expect(pause(60, stop.signal, virtualClock())).resolves.toBeUndefined();
});

it('fails when the clock does', async () => {
  const broken = { ...virtualClock(), sleep: async () => await Promise.reject(new Error('no clock')) };
  await expect(pause(60, new AbortController().signal, broken)).rejects.toThrow('no clock');
});
