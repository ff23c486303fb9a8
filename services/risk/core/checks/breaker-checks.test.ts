import { describe, expect, it } from 'vitest';
import { equityRecord, healthyVenue } from '../../../../test/fixtures/breakers.ts';
import { held, NOW, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { TrippedBreaker } from '../breakers/breaker.ts';
import { utcDayOf } from '../breakers/utc-day.ts';
import { decide } from '../decide.ts';
import type { RiskState, Signal } from '../risk-state.ts';

const d = parseDecimal;
const long: Signal = {
  id: 'one',
  strategy: 'trend',
  symbol: 'XRP/ETH',
  stance: 'Long',
  changedAt: NOW,
  barClose: NOW,
  referencePrice: d('0.0014'),
  release: 'r',
};
const flat: Signal = { ...long, stance: 'Flat' };
const RULES = { maxDailyLoss: d('0.1'), maxDrawdownPercent: d('25') };
const VENUE = { policy: { ...riskState.policy, breakers: { maxVenueLatencyMs: 500 } } };
const LOSS = { ...riskState.policy, breakers: { maxDailyLoss: d('0.75') } };
const DRAWDOWN = { ...riskState.policy, breakers: { maxDrawdownPercent: d('50') } };
const XRP_RATE = new Map([['XRP', d('0.0014')]]);
/** 1 ETH and 500 XRP at 0.0014005 are 1.70025 ETH. */
const record = equityRecord({ dayMs: utcDayOf(NOW), dayStart: d('1.75'), peak: d('2'), equity: d('1.7') });
const state: RiskState = { ...riskState, policy: { ...riskState.policy, breakers: RULES }, equityRecord: record };

function outcome(change: Partial<RiskState>, signal = long): string {
  const decision = decide({ ...state, ...change }, signal);
  if (decision.kind === 'NoAction') return decision.reason;
  return decision.kind === 'Approved' ? 'Approved' : `${decision.code} ${decision.detail}`;
}

function tripped(breaker: TrippedBreaker['breaker'], symbol = ''): RiskState['breakers'] {
  return [{ breaker, symbol, threshold: '5', detail: 'tripped before', inputs: { loss: '6' }, trippedAtMs: NOW }];
}

describe('an entry', () => {
  it('is approved within the limits, with the numbers', () => {
    expect(outcome({})).toBe('Approved');
    expect(decide(state, long)).toMatchObject({ inputs: { equity: '1.70025', dayLoss: '0.04975', peak: '2' } });
  });

  it.each<[string, Partial<RiskState>, string | RegExp]>([
    ['a breaker of the account has tripped', { breakers: tripped('DailyLoss') }, 'DailyLoss tripped before'],
    ['a breaker of its instrument tripped', { breakers: tripped('FeedGaps', 'XRP/ETH') }, 'FeedGaps tripped before'],
    [
      'the loss reaches the limit at this moment',
      { equityRecord: { ...record, dayStart: d('1.81') } },
      /^DailyLoss the loss of 2023-11-14 \(UTC\) is 0\.10975 ETH/,
    ],
    [
      'the drawdown reaches the limit at this moment',
      { equityRecord: { ...record, peak: d('2.3') } },
      /^Drawdown equity is 26\.07/,
    ],
    [
      'a fee was paid in an asset without a price',
      { feesPaid: new Map([['MX', d('1')]]) },
      /^EquityUnknown fees were paid in MX/,
    ],
    ['the equity is unknown', { balances: [] }, /^EquityUnknown the ledger/],
    [
      'what has no live price could reach the limit of the loss',
      { freshMarks: new Map(), equityRecord: { ...record, rates: XRP_RATE }, policy: LOSS },
      'EquityUnknown no live price of XRP/ETH to convert XRP to ETH: if the 0.7 that it was last worth is lost, ' +
        'the loss of 2023-11-14 (UTC) is 0.75 ETH, risk.maxDailyLoss is 0.75',
    ],
    [
      'what has no live price could reach the limit of the drawdown',
      { freshMarks: new Map(), equityRecord: { ...record, rates: XRP_RATE }, policy: DRAWDOWN },
      /^EquityUnknown no live price of XRP\/ETH .* lost, equity is 50 % below/,
    ],
    [
      'a price is unknown since before the rates were recorded',
      { freshMarks: new Map(), equityRecord: { ...record, rates: new Map() } },
      /^EquityUnknown no live price of XRP\/ETH/,
    ],
    ['no equity is recorded', { equityRecord: undefined }, /^EquityUnknown the first equity of the day/],
    [
      'no equity of the day is recorded',
      { equityRecord: { ...record, dayMs: utcDayOf(NOW) - 1 } },
      /^EquityUnknown the first/,
    ],
    ['execution has not reported on the venue', VENUE, 'VenueUnknown execution has not reported on the venue yet'],
    [
      'the report on the venue is old',
      { ...VENUE, venueHealth: healthyVenue({ ageMs: 20_000 }) },
      'VenueUnknown execution reported on the venue 20 s ago',
    ],
    [
      'the venue is slow at this moment',
      { ...VENUE, venueHealth: healthyVenue({ medianMs: 600 }) },
      /^VenueLatency half of the answers of the venue took 600 ms/,
    ],
    [
      'the spread reaches its limit at this moment',
      { policy: { ...state.policy, breakers: { maxSpreadPercent: d('0.05') } } },
      /^WideSpread the spread of XRP\/ETH is 0\.07/,
    ],
  ])('is refused while %s', (_what, change, expected) => {
    expect(outcome(change)).toMatch(expected);
  });

  it.each<[string, Partial<RiskState>]>([
    ['a breaker of another instrument has tripped', { breakers: tripped('WideSpread', 'BTC/ETH') }],
    [
      'the equity is unknown and no limit needs it',
      { equityRecord: undefined, policy: { ...state.policy, breakers: { maxSpreadPercent: d('1') } } },
    ],
    [
      'the baselines contain the fees in an asset without a price',
      { equityRecord: { ...record, fees: new Map([['MX', d('1')]]) }, feesPaid: new Map([['MX', d('1')]]) },
    ],
    [
      'what has no live price is worth too little to reach a limit',
      {
        freshMarks: new Map(),
        equityRecord: { ...record, dayStart: d('1.75'), rates: XRP_RATE },
        policy: { ...LOSS, breakers: { maxDailyLoss: d('0.750000000000000001') } },
      },
    ],
    [
      'nothing is there of an asset whose first price is not recorded',
      {
        equityRecord: { ...record, assets: ['ETH', 'XRP'] },
        policy: { ...state.policy, symbols: ['XRP/ETH', 'BTC/ETH'] },
        freshMarks: new Map([...state.freshMarks, ['BTC/ETH', d('25')]]),
      },
    ],
    ['the venue is well', { ...VENUE, venueHealth: healthyVenue() }],
    ['no breaker is configured', { equityRecord: undefined, policy: riskState.policy }],
    [
      'a booked withdrawal explains what is missing',
      {
        equityRecord: { ...record, dayStart: d('2.7'), peak: d('2.9'), transfers: new Map() },
        bookedTransfers: new Map([['ETH', d('-1')]]),
      },
    ],
  ])('is approved while %s', (_what, change) => {
    expect(outcome(change)).toBe('Approved');
  });

  it('stores the threshold and the numbers of the breaker that refuses it', () => {
    expect(decide({ ...state, breakers: tripped('Drawdown') }, long)).toMatchObject({
      kind: 'Refused',
      code: 'Drawdown',
      inputs: { threshold: '5', loss: '6' },
    });
  });
});

it.each<[string, Partial<RiskState>]>([
  ['a breaker of the account', { breakers: tripped('Drawdown') }],
  ['a breaker of its instrument', { breakers: tripped('WideSpread', 'XRP/ETH') }],
  ['an unknown equity', { equityRecord: undefined, freshMarks: new Map() }],
  ['a loss', { equityRecord: { ...record, dayStart: d('99') } }],
  ['a breaker of the venue', { breakers: tripped('VenueErrors') }],
  ['an unknown health of the venue', VENUE],
  ['a slow venue', { ...VENUE, venueHealth: healthyVenue({ medianMs: 600 }) }],
  ['a wide spread', { policy: { ...state.policy, breakers: { maxSpreadPercent: d('0.0001') } } }],
])('an exit is approved in spite of %s', (_what, change) => {
  expect(outcome({ positions: held('30'), ...change }, flat)).toBe('Approved');
});
