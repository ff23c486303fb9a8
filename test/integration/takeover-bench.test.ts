import { expect, inject, it } from 'vitest';
import { measureTakeovers } from '../bench/takeover/measure-takeovers.ts';
import { printFigures } from '../bench/takeover/takeover-bench.ts';
import { figuresOf } from '../bench/takeover/takeover-figures.ts';

it('the spare takes over from a sender that is killed or stopped under load, and no two send at once', async () => {
  const options = { faults: ['kill', 'stop'] as const, pauseMs: 6_000, progress: () => {} };
  const evidence = await measureTakeovers({ kubeconfig: inject('kubeconfig'), sharesApiServer: true }, options);
  const figures = figuresOf(evidence);
  expect(figures).toMatchObject({
    faults: 2,
    failure: null,
    overlap: 0,
    kill: { fenceMs: { n: 1 }, maySendMs: { n: 1 }, firstOrderMs: { n: 1 } },
    stop: { fenceMs: { n: 1 }, maySendMs: { n: 1 }, firstOrderMs: { n: 1 } },
  });
  const lines: string[] = [];
  printFigures(figures, { say: (text) => void lines.push(text) });
  expect(lines.at(-1)).toContain('overlap 0');
}, 180_000);
