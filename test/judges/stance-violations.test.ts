import { expect, it } from 'vitest';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import { stanceViolations } from './stance-violations.ts';

const of = { strategy: 'trend', symbol: 'XRP/ETH' } as const;
const signalled = (at_ms: number, bar_close: number, strategy = 'trend'): ExitStep => ({
  ...of,
  strategy,
  kind: 'Signalled',
  bar_close,
  at_ms,
});
const accepted = (at_ms: number, bar_close: number): ExitStep => ({
  ...of,
  kind: 'Stance',
  stance: 'Flat',
  bar_close,
  changed_at: bar_close,
  at_ms,
});

it.each<[string, ExitStep[]]>([
  ['is the newest', [signalled(0, 1), signalled(5, 2), accepted(9_000, 2)]],
  ['was replaced a moment before', [signalled(0, 1), signalled(5, 2), accepted(1_005, 1)]],
  ['was replaced on another position', [signalled(0, 1), signalled(5, 2, 'other'), accepted(9_000, 1)]],
])('accepts a stance that %s', (_what, steps) => {
  expect(stanceViolations(steps, 1_000)).toEqual([]);
});

it('reports a stance that was replaced long before, by the first signal that replaced it', () => {
  expect(stanceViolations([signalled(0, 1), signalled(5, 2), signalled(900, 3), accepted(1_006, 1)], 1_000)).toEqual([
    'I11: trend XRP/ETH got a stance that was outdated for 1001 ms',
  ]);
});
