import { expect, inject, it } from 'vitest';
import { measureHalts } from '../bench/halt/measure-halts.ts';
import { reportOf } from '../bench/halt/report.ts';

const HALTS = 2;

it('halts a stack under load and under obstacles, with no order after the halt and every order cancelled', async () => {
  const lines: string[] = [];
  const output = { progress: () => {}, say: (text: string) => void lines.push(text) };
  const run = { halts: HALTS, instruments: [2], obstacles: ['missing-secret', 'redis-down'] };
  const series = await measureHalts(run, { ...output, kubeconfig: inject('kubeconfig'), sharesApiServer: true });
  expect(series.map(({ obstacle, samples }) => [obstacle, samples.length])).toEqual([
    [undefined, HALTS],
    ['missing-secret', HALTS],
    ['redis-down', HALTS],
  ]);
  for (const sample of series.flatMap(({ samples }) => samples)) {
    expect(sample.ordersAfterHalt).toBe(0);
    expect(sample.ordersOpen).toBe(0);
    expect(sample.ordersToCancel).toBeGreaterThan(0);
    expect(sample.confirmedMs).toBeGreaterThan(0);
  }
  expect(reportOf(series, output)).toMatchObject({
    n: HALTS,
    ordersAfterHalt: 0,
    obstacles: { 'redis-down': { n: HALTS } },
  });
  expect(lines).toHaveLength(1 + series.length);
}, 120_000);
