import { expect, it } from 'vitest';
import { until } from './until.ts';

it('takes the first thing that is seen, zero and the empty text among them', async () => {
  const seen = [undefined, false, 0] as const;
  let looks = 0;
  expect(await until(() => seen[looks++])).toBe(0);
  expect(looks).toBe(3);
});

it('says what it waited for, and lets an error pass unless it is told to bear it', async () => {
  const fails = () => {
    throw new Error('no route');
  };
  await expect(until(() => false, 1)).rejects.toThrow('gave up after 1 ms waiting for () => false: not yet');
  await expect(until(fails, 1)).rejects.toThrow(/^no route$/);
  const patience = { what: 'the pod', withinMs: 20, everyMs: 1, toleratesErrors: true };
  await expect(until(fails, patience)).rejects.toThrow('gave up after 20 ms waiting for the pod: no route');
});
