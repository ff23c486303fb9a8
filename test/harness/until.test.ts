import { expect, it } from 'vitest';
import { until } from './until.ts';

it('resolves with the first value that is not false or undefined, such as zero', async () => {
  const values = [undefined, false, 0] as const;
  let calls = 0;
  expect(await until(() => values[calls++])).toBe(0);
  expect(calls).toBe(3);
});

it('names what it waited for, and throws the error of a probe unless errors are tolerated', async () => {
  const failingProbe = () => {
    throw new Error('no route');
  };
  await expect(until(() => false, 1)).rejects.toThrow('gave up after 1 ms waiting for () => false: not yet');
  await expect(until(failingProbe, 1)).rejects.toThrow(/^no route$/);
  const patience = { what: 'the pod', withinMs: 20, everyMs: 1, toleratesErrors: true };
  await expect(until(failingProbe, patience)).rejects.toThrow('gave up after 20 ms waiting for the pod: no route');
});
