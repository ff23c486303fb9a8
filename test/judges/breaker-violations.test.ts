import { expect, it } from 'vitest';
import type { BreakerStep } from '../../services/replay/core/breaker-step.ts';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import { breakerViolations } from './breaker-violations.ts';

const of = { strategy: 'trend', symbol: 'XRP/ETH' } as const;
const approved = (at_ms: number, side: 'buy' | 'sell'): ExitStep => {
  return { ...of, kind: 'Approved', side, client_order_id: `${side}-${at_ms}`, at_ms };
};
const stance = (at_ms: number, wants: 'Long' | 'Flat'): ExitStep => {
  return { ...of, kind: 'Stance', stance: wants, bar_close: at_ms, changed_at: at_ms, at_ms };
};
const refused = (at_ms: number, code: string): ExitStep => ({ ...of, kind: 'Refused', code, at_ms });
const tripped = (afterSteps: number, change: Partial<BreakerStep> = {}): BreakerStep => {
  return { kind: 'Tripped', breaker: 'Drawdown', symbol: '', at_ms: 5, afterSteps, ...change };
};
const left = (afterSteps: number, change: Partial<BreakerStep> = {}): BreakerStep => {
  return { ...tripped(afterSteps), kind: 'Left', ...change };
};

it.each<[string, BreakerStep[], ExitStep[]]>([
  ['a buy before the trip', [tripped(1)], [approved(5, 'buy')]],
  ['a sale while it is tripped', [tripped(0)], [approved(6, 'sell')]],
  ['a buy after it has left', [tripped(0), left(1)], [approved(6, 'sell'), approved(7, 'buy')]],
  ['a buy of another instrument', [tripped(0, { breaker: 'PriceMove', symbol: 'ADA/ETH' })], [approved(6, 'buy')]],
  ['a buy that it refuses', [tripped(0)], [stance(6, 'Flat'), stance(6, 'Long'), refused(6, 'Drawdown')]],
  ['an exit that is refused for another reason', [tripped(0)], [stance(6, 'Flat'), refused(6, 'FeedStale')]],
])('allows %s', (_what, breakers, steps) => {
  expect(breakerViolations({ breakers, steps })).toEqual([]);
});

it.each<[string, BreakerStep[]]>([
  ['of the whole stack', [tripped(0, { at_ms: 4 })]],
  ['of its instrument', [tripped(0, { at_ms: 4, symbol: 'XRP/ETH' })]],
  [
    'when another breaker has left',
    [tripped(0, { at_ms: 4 }), tripped(0, { breaker: 'DailyLoss' }), left(0, { breaker: 'DailyLoss' })],
  ],
])('finds a buy that is approved after the trip %s', (_when, breakers) => {
  const found = breakerViolations({ breakers, steps: [approved(6, 'buy')] });
  expect(found).toEqual(['I12: buy-6 was approved 2 ms after Drawdown tripped']);
});

it('finds an exit that a breaker refuses', () => {
  const steps = [stance(6, 'Long'), stance(7, 'Flat'), refused(8, 'DailyLoss')];
  expect(breakerViolations({ breakers: [], steps })).toEqual([
    'I12: an exit of trend XRP/ETH was refused with DailyLoss',
  ]);
});
