import { expect, it } from 'vitest';
import type { LeavingPosition } from './exit-plan.ts';
import { leavingTimes, overdueExits } from './leaving-times.ts';

const position: LeavingPosition = {
  strategy: 'trend',
  symbol: 'XRP/ETH',
  cause: 'Flat',
  attempts: 0,
  problem: undefined,
  waitsFor: { reason: 'ExitDue', message: 'the next attempt is made now' },
};
const KEY = 'trend:XRP/ETH';
const stances = [{ strategy: 'trend', symbol: 'XRP/ETH', stance: 'Flat', barClose: 900, changedAt: 400 }] as const;
const plan = (...open: LeavingPosition[]) => ({ open, dust: [] });

it('dates a position by the stance of its strategy in the first plan of a process', () => {
  expect(leavingTimes(undefined, plan(position), { stances, stops: [], nowMs: 1_000 }).get(KEY)).toBe(400);
  const flattened = plan({ ...position, cause: 'Flattening' });
  expect(leavingTimes(undefined, flattened, { stances, stops: [], nowMs: 1_000 }).get(KEY)).toBe(1_000);
  expect(leavingTimes(undefined, plan(position), { stances, stops: [], nowMs: 300 }).get(KEY)).toBe(300);
});

it('dates a position that appears later by its appearance, until it is left', () => {
  const first = leavingTimes(new Map(), plan(position), { stances, stops: [], nowMs: 1_000 });
  expect(first.get(KEY)).toBe(1_000);
  const later = leavingTimes(first, { open: [], dust: [position] }, { stances, stops: [], nowMs: 2_000 });
  expect(later.get(KEY)).toBe(1_000);
  const left = leavingTimes(later, plan(), { stances, stops: [], nowMs: 3_000 });
  expect(leavingTimes(left, plan(position), { stances, stops: [], nowMs: 4_000 }).get(KEY)).toBe(4_000);
});

it('calls a position overdue after a minute, the oldest first', () => {
  const other = { ...position, strategy: 'maker' };
  const times = new Map([
    [KEY, 1_000],
    ['maker:XRP/ETH', 0],
  ]);
  expect(overdueExits([position, other], times, 60_000)).toEqual([]);
  expect(overdueExits([position, other], times, 61_000)).toEqual([other]);
  expect(overdueExits([position, other], times, 61_001)).toEqual([other, position]);
});
