import { expect, inject, it } from 'vitest';
import { swapProcesses } from '../bench/swap/processes/swap-processes.ts';
import { printFigures } from '../bench/swap/report.ts';
import { figuresOf } from '../bench/swap/swap-figures.ts';

it('swaps the sender by the operator under load: no two send at once, and each new sender is measured', async () => {
  const starts = ['cold', 'warm'] as const;
  const options = { starts, pauseMs: 1_000, progress: () => {} };
  const measured = await swapProcesses({ kubeconfig: inject('kubeconfig'), sharesApiServer: true }, options);
  const figures = figuresOf(measured);
  expect(figures).toMatchObject({
    swaps: 2,
    failure: null,
    overlap: 0,
    gapMs: { n: 2 },
    handOverMs: { n: 2 },
    rollbackMs: { warm: { n: 1 }, cold: { n: 1 } },
  });
  expect(figures.orders).toBeGreaterThan(0);
  const lines: string[] = [];
  printFigures({ ours: figures }, { say: (text) => void lines.push(text) });
  expect(lines.filter((text) => text.startsWith('ours'))).toHaveLength(2);
}, 120_000);
