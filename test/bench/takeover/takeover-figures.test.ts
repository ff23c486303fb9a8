import { expect, it } from 'vitest';
import { figuresOf } from './takeover-figures.ts';

const at = (ms: number): string => new Date(ms).toISOString();
const lines = [
  { msg: 'fence taken', epoch: 2, time: at(1_700) },
  { msg: 'compared with the venue, orders may be sent', epoch: 2, time: at(4_800) },
  { msg: 'fence taken', epoch: 3, time: at(11_100) },
];
const orders = [
  { timeMs: 990, epoch: 1 },
  { timeMs: 4_850, epoch: 2 },
  { timeMs: 16_001, epoch: 3 },
];
const injected = [
  { fault: 'kill', atMs: 1_000, epoch: 2 },
  { fault: 'stop', atMs: 10_000, epoch: 3 },
] as const;

it('measures each fault from the log of the venue and of the processes', () => {
  const figures = figuresOf({ injected, lines, orders, failure: null });
  const one = (ms: number) => ({ n: 1, p50: ms, p99: ms, max: ms });
  expect(figures).toMatchObject({
    faults: 2,
    orders: 3,
    overlap: 0,
    late: 1,
    kill: { fenceMs: one(700), maySendMs: one(3_800), firstOrderMs: one(3_850) },
    stop: { fenceMs: one(1_100), maySendMs: { n: 0, p50: null }, firstOrderMs: one(6_001) },
    all: { fenceMs: { n: 2, p50: 700, max: 1_100 } },
  });
});

it('counts an order of the old sender after the first one of the new one', () => {
  const late = [...orders.slice(0, 2), { timeMs: 4_900, epoch: 1 }];
  expect(figuresOf({ injected: injected.slice(0, 1), lines, orders: late, failure: 'why' })).toMatchObject({
    overlap: 1,
    failure: 'why',
  });
});
