import { expect, it } from 'vitest';
import { printFigures } from './report.ts';
import { figuresOf } from './swap-figures.ts';
import type { SwapSample } from './swap-sample.ts';

const handOver = { epoch: 2, mayMs: 0, drained: true, handOverMs: 40, drainMs: 25, fenceMs: 10, activateMs: 5 };
const sample = (change: Partial<SwapSample>): SwapSample => ({
  start: 'warm',
  overlap: 0,
  gapMs: 100,
  wholeMs: 400,
  handOver,
  firstOrderMs: 30,
  ...change,
});
const measured = {
  samples: [
    sample({}),
    sample({ gapMs: 900, overlap: 2, handOver: { ...handOver, drained: false } }),
    sample({ start: 'cold', wholeMs: 9_000, gapMs: 300 }),
  ],
  orders: 600,
  neverSent: 1,
  failure: null,
};

it('summarises all swaps, and rollbacks by whether the version had a process', () => {
  expect(figuresOf(measured)).toMatchObject({
    swaps: 3,
    overlap: 2,
    neverSent: 1,
    notDrained: 1,
    gapMs: { n: 3, p50: 300, p99: 900, max: 900 },
    handOverMs: { n: 3, p50: 40 },
    parts: { drainMs: { p50: 25 }, fenceMs: { p50: 10 }, activateMs: { p50: 5 }, firstOrderMs: { p50: 30 } },
    rollbackMs: { warm: { n: 2, p50: 400 }, cold: { n: 1, p50: 9_000 } },
  });
});

it('has no hand-over where no sender was drained', () => {
  const samples = [sample({ handOver: undefined, firstOrderMs: undefined })];
  const figures = figuresOf({ samples, orders: 1, neverSent: 0, failure: null });
  expect(figures.notDrained).toBeNull();
  expect(figures.handOverMs).toEqual({ n: 0, p50: null, p99: null, max: null });
});

it('prints a line for each sender, and where the time of a hand-over went', () => {
  const lines: string[] = [];
  const peer = figuresOf({ samples: [sample({ handOver: undefined })], orders: 1, neverSent: 0, failure: null });
  printFigures({ ours: figuresOf(measured), peer }, { say: (text) => void lines.push(text) });
  expect(lines.filter((text) => text.startsWith('ours'))).toHaveLength(2);
  expect(lines.filter((text) => text.startsWith('peer'))).toHaveLength(1);
});

it('reports why a series ended early', () => {
  const lines: string[] = [];
  const failure = 'swap 4: no order';
  printFigures({ ours: figuresOf({ ...measured, failure }) }, { say: (text) => void lines.push(text) });
  expect(lines).toContain('ours: ended by swap 4: no order');
});
