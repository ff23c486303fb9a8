import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { NOW, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { Signal } from '../risk-state.ts';
import { conflate } from './conflate.ts';

function signal(id: number, ageMs: number, strategy = 'trend', symbol = 'XRP/ETH'): Signal {
  const barClose = NOW - ageMs;
  const rest = { stance: 'Flat', referencePrice: parseDecimal('1'), release: 's' } as const;
  return { id: String(id), strategy, symbol, ...rest, barClose, changedAt: barClose };
}

const kept = (signals: readonly Signal[]) => {
  const { newest, dropped } = conflate(riskState.policy, signals, NOW);
  return { ids: [...newest].map(({ id }) => id), dropped: Object.fromEntries(dropped) };
};

it('keeps the newest signal of each strategy and symbol, wherever it stands in the batch', () => {
  expect(
    kept([
      signal(1, 3_000),
      signal(2, 1_000),
      signal(3, 2_000),
      signal(4, 2_000, 'maker'),
      signal(5, 500, 'trend', 'BTC/ETH'),
    ]),
  ).toEqual({ ids: ['2', '4', '5'], dropped: { Superseded: 2 } });
});

it('leaves out signals that are too old or from the future, so that they hide no valid one', () => {
  expect(kept([signal(1, 3_600_000), signal(2, 1_000), signal(3, -60_000)])).toEqual({
    ids: ['2'],
    dropped: { StaleSignal: 1, FutureSignal: 1 },
  });
});

it('keeps the first of two signals of one bar: the second is a repetition', () => {
  expect(kept([signal(1, 1_000), signal(2, 1_000)])).toEqual({ ids: ['1'], dropped: { Superseded: 1 } });
});

it('keeps or counts every signal, and at most one of each strategy and symbol', () => {
  const any = fc.tuple(fc.integer({ min: -20_000, max: 40_000 }), fc.constantFrom('trend', 'maker'));
  fc.assert(
    fc.property(fc.array(any), (batch) => {
      const signals = batch.map(([ageMs, strategy], index) => signal(index, ageMs, strategy));
      const { newest, dropped } = conflate(riskState.policy, signals, NOW);
      expect([...dropped.values()].reduce((sum, one) => sum + one, newest.size)).toBe(signals.length);
      const valid = signals.filter(({ barClose }) => barClose >= NOW - 10_000 && barClose <= NOW + 5_000);
      const latest = ['trend', 'maker'].flatMap((strategy) => {
        const bars = valid.filter((one) => one.strategy === strategy).map(({ barClose }) => barClose);
        return bars.length === 0 ? [] : [`${strategy} ${Math.max(...bars)}`];
      });
      expect(new Set([...newest].map((one) => `${one.strategy} ${one.barClose}`))).toEqual(new Set(latest));
    }),
  );
});
