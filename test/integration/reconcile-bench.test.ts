import { beforeAll, expect, it } from 'vitest';
import { measureReconciles } from '../bench/reconcile/measure-reconciles.ts';
import { reportOf } from '../bench/reconcile/report.ts';
import { findKwokPrograms } from '../bench/reconcile/world/kwok-cluster.ts';

const STACKS = 2;

beforeAll(async () => {
  await findKwokPrograms((text) => void process.stderr.write(`${text}\n`));
}, 900_000);

it('reconciles stacks until they run, answers every edit, repairs every drift, and measures both programs', async () => {
  const run = { stacks: STACKS, idleMs: 3_000, edits: 3, drifts: 2, pauseMs: 100 };
  const options = { progress: () => {}, signal: AbortSignal.timeout(170_000) };
  const result = await measureReconciles(run, options);
  const { ours, informerLoop } = result;
  expect(ours.convergence).toMatchObject({ stacks: STACKS, each: { samples: STACKS } });
  // One Job, and a Deployment for each other service; execution may have one of each colour.
  expect(ours.convergence.byKind).toMatchObject({ 'patch jobs': STACKS, 'patch persistentvolumeclaims': STACKS });
  for (const figures of [ours, informerLoop]) {
    expect(figures.edits).toMatchObject({ changes: run.edits, unanswered: 0, firstWrite: { samples: run.edits } });
    expect(figures.drifts).toMatchObject({ changes: run.drifts, unanswered: 0, repaired: { samples: run.drifts } });
    expect(figures.idle.seconds).toBeGreaterThanOrEqual(3);
    expect(figures.calls).toBeGreaterThan(run.edits);
    expect(figures.connections).toBeGreaterThan(0);
    expect(figures.memory.maxMiB).toBeGreaterThan(30);
  }
  const lines: string[] = [];
  const report = reportOf(result, { say: (text) => void lines.push(text) });
  expect(report.ratio).toMatchObject({ firstWriteP50: expect.any(Number), memory: expect.any(Number) });
  expect(lines.at(-1)).toMatch(/^\d+ of 10 goals reached$/);
}, 180_000);
