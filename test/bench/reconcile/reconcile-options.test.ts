import { expect, it } from 'vitest';
import { UsageError } from '../bench.ts';
import { reconcileRunOf } from './reconcile-options.ts';

it('edits each stack twice and alters a child of each by default', () => {
  expect(reconcileRunOf({})).toEqual({ stacks: 20, idleMs: 120_000, edits: 40, drifts: 20, pauseMs: 500 });
});

it('reads what is asked for', () => {
  const values = { stacks: '100', minutes: '0.5', edits: '7', drifts: '9' };
  expect(reconcileRunOf(values)).toMatchObject({ stacks: 100, idleMs: 30_000, edits: 7, drifts: 9 });
});

it.each([
  [{ stacks: '0' }, /--stacks is "0"/],
  [{ stacks: '501' }, /--stacks is "501": must be a whole number from 1 to 500/],
  [{ stacks: '1e2' }, /--stacks/],
  [{ edits: '-1' }, /--edits/],
  [{ drifts: 'many' }, /--drifts/],
  [{ minutes: '0' }, /--minutes is "0": must be a number above 0/],
  [{ minutes: '1441' }, /--minutes/],
  [{ minutes: true }, /--minutes/],
])('refuses %j', (values, message) => {
  expect(() => reconcileRunOf(values)).toThrow(UsageError);
  expect(() => reconcileRunOf(values)).toThrow(message);
});
