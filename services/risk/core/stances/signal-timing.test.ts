import { describe, expect, it } from 'vitest';
import { NOW, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { Signal } from '../risk-state.ts';
import { timingRejection } from './signal-timing.ts';
import type { WantedStance } from './wanted-stance.ts';

const [base] = riskState.policy.sizing;
const policy = {
  ...riskState.policy,
  sizing: [
    { ...base!, strategy: 'seconds', barSeconds: 1 },
    { ...base!, strategy: 'minutes', barSeconds: 60 },
    { ...base!, strategy: 'unknown-bars' },
  ],
};

function signal(strategy: string, ageMs: number, change: Partial<Signal> = {}): Signal {
  const barClose = NOW - ageMs;
  const times = { changedAt: barClose, barClose };
  const rest = { stance: 'Flat', referencePrice: parseDecimal('1'), release: 's', symbol: 'XRP/ETH' } as const;
  return { id: `${strategy}:XRP/ETH:${barClose}`, strategy, ...rest, ...times, ...change };
}

function wanted(strategy: string, ageMs: number, symbol = 'XRP/ETH'): WantedStance {
  return { strategy, symbol, stance: 'Long', barClose: NOW - ageMs, changedAt: NOW - ageMs };
}

const rejection = (one: Signal, ...stances: WantedStance[]) => timingRejection({ policy, stances, nowMs: NOW }, one);

describe('a signal', () => {
  it.each([
    ['seconds', 10_000],
    ['minutes', 120_000],
    ['unknown-bars', 10_000],
    ['not-configured', 10_000],
  ])('of %s is valid for %d ms after the close of its bar', (strategy, validMs) => {
    expect(rejection(signal(strategy, validMs))).toBeUndefined();
    expect(rejection(signal(strategy, validMs + 1))).toBe('StaleSignal');
  });

  it('from the future is valid up to five seconds ahead', () => {
    expect(rejection(signal('seconds', -5_000))).toBeUndefined();
    expect(rejection(signal('seconds', -5_001))).toBe('FutureSignal');
  });

  it('is superseded unless its bar is newer than the accepted one of its strategy and symbol', () => {
    expect(rejection(signal('minutes', 1_000), wanted('minutes', 999))).toBe('Superseded');
    expect(rejection(signal('minutes', 1_000), wanted('minutes', 1_000))).toBe('Superseded');
    expect(rejection(signal('minutes', 1_000), wanted('minutes', 1_001))).toBeUndefined();
    const others = [wanted('seconds', 0), wanted('minutes', 0, 'BTC/ETH')];
    expect(rejection(signal('minutes', 1_000), ...others)).toBeUndefined();
  });

  it('does not come back because our clock went back, so that it looks recent again', () => {
    expect(rejection(signal('seconds', 0), wanted('seconds', -3_600_000))).toBe('Superseded');
  });
});
