import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import type { RiskState, Signal } from '../risk-state.ts';

const d = parseDecimal;
const signal: Signal = {
  id: 'maker:XRP/ETH:1',
  strategy: 'maker',
  symbol: 'XRP/ETH',
  stance: 'Long',
  changedAt: NOW - 1_000,
  barClose: NOW - 500,
  referencePrice: d('0.0014'),
  release: 'sig',
};
const flat = { strategy: 'trend', symbol: 'XRP/ETH', stance: 'Flat', barClose: NOW - 9, changedAt: NOW - 9 } as const;
const requested = (ageMs: number, symbol = 'XRP/ETH') => [
  { clientOrderId: 'gone', symbol, requestedAtMs: NOW - ageMs },
];
/** Strategy trend leaves 30, and a bid of maker was cancelled for it a second ago. */
const leaving: RiskState = {
  ...riskState,
  positions: held('30'),
  stances: [flat],
  cancelRequests: requested(1_000),
};

function codeOf(change: Partial<RiskState> = {}, of: Partial<Signal> = {}): string {
  const decision = decide({ ...leaving, ...change }, { ...signal, ...of });
  return decision.kind === 'Refused' ? decision.code : decision.kind;
}

describe('an entry is refused with ExitFirst', () => {
  it.each<[string, Partial<RiskState>]>([
    ['a bid was cancelled for an exit of its symbol', {}],
    ['one was cancelled almost half a minute ago', { cancelRequests: requested(29_999) }],
    ['our own bid is in the way of one', { cancelRequests: [], orders: [openBuy] }],
    ['our own bid has been in the way for long', { cancelRequests: requested(90_000), orders: [openBuy] }],
    ['our own bid in the way may rest', { cancelRequests: [], orders: [{ ...openBuy, state: 'Unknown' }] }],
  ])('while %s', (_while, change) => {
    expect(codeOf(change)).toBe('ExitFirst');
  });

  it('with the strategy that goes first', () => {
    expect(decide(leaving, signal)).toMatchObject({
      code: 'ExitFirst',
      detail: 'strategy trend leaves its position in XRP/ETH first',
      inputs: { exitFirst: 'trend' },
    });
  });
});

describe('an entry is approved', () => {
  it.each<[string, Partial<RiskState>]>([
    ['nothing stood in the way of the exit', { cancelRequests: [] }],
    ['half a minute has passed', { cancelRequests: requested(30_000) }],
    ['a bid was cancelled on another symbol', { cancelRequests: requested(1_000, 'ADA/ETH') }],
    ['the position is wanted', { stances: [{ ...flat, stance: 'Long' }] }],
    ['the position has been left', { positions: [] }],
    ['what is left is dust', { positions: held('0.9') }],
    ['what is left is dust at the price of now', { positions: held('30'), ...cheap() }],
    ['a bid beside dust is the best one', { positions: held('0.9'), orders: [{ ...openBuy, price: d('0.0014') }] }],
  ])('while %s', (_while, change) => {
    expect(codeOf(change)).toBe('Approved');
  });

  it('not held up by the exits of another symbol', () => {
    const ada = { ...flat, symbol: 'ADA/ETH' };
    const positions = held('30').map((one) => ({ ...one, symbol: 'ADA/ETH' }));
    expect(codeOf({ stances: [ada], positions, cancelRequests: requested(1, 'ADA/ETH') })).toBe('Approved');
  });
});

it('an exit is never refused for another exit', () => {
  const positions = [...held('30'), ...held('30', '0.01', 'maker')];
  expect(codeOf({ positions }, { stance: 'Flat' })).toBe('Approved');
});

/** At this price the venue's minimum notional is more than 30. */
function cheap(): Partial<RiskState> {
  const book = { bid: d('0.00003'), ask: d('0.0000301'), receivedAt: NOW };
  const lastTrade = { price: d('0.00003'), tradedAt: NOW };
  return { market: { ...riskState.market, book, lastTrade } };
}
