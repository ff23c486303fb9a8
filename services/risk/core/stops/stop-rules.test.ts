import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import { rulesInForce, sameRules } from './stop-rules.ts';

const d = parseDecimal;
const pair = { strategy: 'trend', symbol: 'XRP/ETH' };
const stored: StopRules = { stopLossPercent: d('5') };
const current: StopRules = { maxHoldingSeconds: 9 };
const sizing = (strategy: string, stops?: StopRules) => ({
  sizing: [{ strategy, orderNotional: d('1'), entry: 'Take' as const, ...(stops && { stops }) }],
});

describe('the stops that apply to a position', () => {
  it.each<[string, ReturnType<typeof sizing>, StopRules | undefined, StopRules | undefined]>([
    ['of a configured strategy are its own', sizing('trend', current), stored, current],
    ['of a configured strategy without stops are none', sizing('trend'), stored, undefined],
    ['of a configured strategy with an empty set are none', sizing('trend', {}), stored, undefined],
    ['of a removed strategy are the stored ones', sizing('other', current), stored, stored],
    ['of a removed strategy without stored ones are none', sizing('other', current), undefined, undefined],
    ['of a removed strategy with an empty set are none', sizing('other', current), {}, undefined],
  ])('%s', (_what, policy, rules, expected) => {
    expect(rulesInForce(policy, pair, { rules })).toEqual(expected);
  });

  it('of a removed strategy without a record are none', () => {
    expect(rulesInForce(sizing('other', current), pair, undefined)).toBeUndefined();
  });
});

it.each<[StopRules | undefined, StopRules | undefined, boolean]>([
  [undefined, {}, true],
  [undefined, stored, false],
  [{ ...stored, ...current }, { ...current, ...stored }, true],
  [stored, { stopLossPercent: d('5.1') }, false],
  [stored, { trailingStopPercent: d('5') }, false],
  [stored, { takeProfitPercent: d('5') }, false],
  [current, { maxHoldingSeconds: 10 }, false],
])('compares %o with %o', (left, right, expected) => {
  expect([sameRules(left, right), sameRules(right, left)]).toEqual([expected, expected]);
});
