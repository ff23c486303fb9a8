import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { answeredWithin, systemClock } from './clock.ts';

const clock = virtualClock();

it.each([
  ['an answer in time', 99, 'yes'],
  ['no answer in time', 101, undefined],
])('returns %s', async (_what, ms, expected) => {
  const answer = answeredWithin(
    clock,
    100,
    clock.sleep(ms).then(() => 'yes'),
  );
  await clock.advance(200);
  expect(await answer).toBe(expected);
});

it('rejects with an error in time, and ignores one that is late', async () => {
  const failing = async (ms: number): Promise<never> =>
    await clock.sleep(ms).then(async () => await Promise.reject(new Error('closed')));
  const [early, late] = [answeredWithin(clock, 100, failing(99)), answeredWithin(clock, 100, failing(101))];
  const ended = early.catch((error: unknown) => error);
  await clock.advance(200);
  expect([await ended, await late]).toEqual([new Error('closed'), undefined]);
});

describe.each([
  ['system', systemClock],
  ['virtual', virtualClock()],
])('the %s clock', (_name, sleeping) => {
  it.each([2 ** 31, Infinity])('does not end a wait of %d ms, which no timer can wait for, at once', async (ms) => {
    const stop = new AbortController();
    const wait = sleeping.sleep(ms, stop.signal).then(
      () => 'woken',
      () => 'stopped',
    );
    await systemClock.sleep(20);
    stop.abort();
    expect(await wait).toBe('stopped');
  });
});
