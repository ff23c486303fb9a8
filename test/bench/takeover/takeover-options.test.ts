import { expect, it } from 'vitest';
import { takeoverRequestOf } from './takeover-options.ts';

it('takes turns between the faults, twenty of each, with pauses after which takeovers do not count as in a row', () => {
  const { faults, pauseMs } = takeoverRequestOf({});
  expect([faults.slice(0, 3), faults.length, pauseMs]).toEqual([['kill', 'stop', 'kill'], 40, 16_000]);
});

it('takes one kind of fault only, and other numbers', () => {
  expect(takeoverRequestOf({ only: 'stop', faults: '2', pause: '1' })).toEqual({
    faults: ['stop', 'stop'],
    pauseMs: 1_000,
  });
});

it.each([
  [{ only: 'node' }, '--only is "node": may be kill or stop'],
  [{ faults: '0' }, '--faults is "0": must be a whole number from 1 to 200'],
  [{ pause: 'x' }, '--pause is "x": must be a whole number from 1 to 600'],
])('refuses %j', (values, message) => {
  expect(() => takeoverRequestOf(values)).toThrow(message);
});
