import { describe, expect, it } from 'vitest';
import { DAY_MS, equityRecord, wideSpread } from '../../../../test/fixtures/breakers.ts';
import { isInstrumentBreaker } from '../../../shared/domain/breaker.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { SourceState } from '../../../shared/domain/trading-state.ts';
import { accountBreaches, needsEquity } from './account-breaches.ts';
import type { TrippedBreaker } from './breaker.ts';
import { breakerCommands, planBreakers, type BreakerInput } from './plan-breakers.ts';

const d = parseDecimal;
const RULES = { maxDailyLoss: d('10'), maxDrawdownPercent: d('25'), maxSpreadPercent: d('1') };
const VENUE_RULES = { maxVenueErrorPercent: d('20'), maxVenueLatencyMs: 500, maxVenuePauseSeconds: 5 };
const NOW = DAY_MS + 3_600_000;
const RESET = { id: '1', author: 'ada', reason: 'reviewed' };

function input(change: Partial<BreakerInput> = {}): BreakerInput {
  const nothing = { equity: equityRecord(), tripped: [], resets: [], breaches: [] };
  return { rules: RULES, symbols: ['XRP/ETH'], ...nothing, calmSinceMs: () => undefined, nowMs: NOW, ...change };
}

function tripped(breaker: TrippedBreaker['breaker'], change: Partial<TrippedBreaker> = {}): TrippedBreaker {
  const symbol = isInstrumentBreaker(breaker) ? 'XRP/ETH' : '';
  return {
    breaker,
    symbol,
    threshold: '',
    detail: `${breaker} detail`,
    inputs: {},
    trippedAtMs: NOW - 60_000,
    ...change,
  };
}

function names(change: Partial<BreakerInput>) {
  const plan = planBreakers(input(change));
  return {
    trips: plan.trips.map(({ breaker }) => breaker),
    leaves: plan.leaves.map(({ breaker, cause }) => `${breaker.breaker} ${cause}`),
    stays: plan.tripped.map(({ breaker }) => breaker),
  };
}

describe('a limit of the account', () => {
  it.each([
    ['90.000000000000000001', []],
    ['90', ['DailyLoss']],
    ['89', ['DailyLoss', 'Drawdown']],
  ] as const)('is reached at an equity of %s: %j', (equity, breakers) => {
    const peak = equity === '89' ? d('118.666666666666666667') : d('119');
    const record = equityRecord({ equity: d(equity), peak });
    expect(accountBreaches(record, RULES).map(({ breaker }) => breaker)).toEqual(breakers);
  });

  it('is reached exactly at its percentage', () => {
    const at = (equity: string) =>
      accountBreaches(equityRecord({ equity: d(equity) }), { maxDrawdownPercent: d('25') });
    expect(at('90.000000000000000001')).toEqual([]);
    expect(at('90')).toMatchObject([
      { breaker: 'Drawdown', threshold: '25', inputs: { drawdownPercent: '25', peak: '120' } },
    ]);
  });

  it('says what was lost, since when, and of which limit', () => {
    expect(accountBreaches(equityRecord({ equity: d('88.5') }), { maxDailyLoss: d('10') })).toEqual([
      {
        breaker: 'DailyLoss',
        symbol: '',
        threshold: '10',
        detail: 'the loss of 2023-11-15 (UTC) is 11.5 ETH, risk.maxDailyLoss is 10',
        inputs: { currency: 'ETH', equity: '88.5', dayStart: '100', day: '2023-11-15', loss: '11.5' },
      },
    ]);
  });

  it('is not reached by an account that never had anything', () => {
    expect(accountBreaches(equityRecord({ equity: d('0'), dayStart: d('0'), peak: d('0') }), RULES)).toEqual([]);
  });

  it.each([
    ['no limit', {}, false],
    ['no rules', undefined, false],
    ['a spread alone', { maxSpreadPercent: d('1') }, false],
    ['a daily loss', { maxDailyLoss: d('1') }, true],
    ['a drawdown', { maxDrawdownPercent: d('1') }, true],
  ])('needs the equity with %s: %s', (_what, rules, needs) => {
    expect(needsEquity(rules)).toBe(needs);
  });
});

describe('a breaker', () => {
  const lossOf = (equity: string) => ({ equity: equityRecord({ equity: d(equity), peak: d('100') }) });

  it('trips when its limit is reached, once', () => {
    expect(planBreakers(input(lossOf('85'))).trips).toMatchObject([{ breaker: 'DailyLoss', trippedAtMs: NOW }]);
    expect(names({ ...lossOf('85'), tripped: [tripped('DailyLoss')] })).toEqual({
      trips: [],
      leaves: [],
      stays: ['DailyLoss'],
    });
  });

  it('trips nothing while the equity is unknown', () => {
    expect(names({ equity: undefined })).toEqual({ trips: [], leaves: [], stays: [] });
  });

  it.each<[string, Partial<BreakerInput>, readonly string[]]>([
    ['the daily loss stays after the price recovered', { tripped: [tripped('DailyLoss')] }, []],
    ['the daily loss stays for a person', { tripped: [tripped('DailyLoss')], resets: [RESET] }, []],
    [
      'the daily loss stays when the clock steps back to the day before',
      { tripped: [tripped('DailyLoss', { trippedAtMs: DAY_MS })], nowMs: DAY_MS - 1 },
      [],
    ],
    [
      'the daily loss leaves on the next UTC day',
      { tripped: [tripped('DailyLoss', { trippedAtMs: DAY_MS - 1 })] },
      ['DailyLoss NewDay'],
    ],
    [
      'the daily loss leaves on the next day with an unknown equity',
      { tripped: [tripped('DailyLoss', { trippedAtMs: DAY_MS - 1 })], equity: undefined },
      ['DailyLoss NewDay'],
    ],
    ['the drawdown stays on the next day', { tripped: [tripped('Drawdown', { trippedAtMs: DAY_MS - 1 })] }, []],
    ['the drawdown leaves for a person', { tripped: [tripped('Drawdown')], resets: [RESET] }, ['Drawdown Reset']],
    [
      'the drawdown stays for a person while the equity is unknown',
      { tripped: [tripped('Drawdown')], resets: [RESET], equity: undefined },
      [],
    ],
    ['an instrument stays while it is not calm', { tripped: [tripped('WideSpread')] }, []],
    [
      'an instrument stays during the cool-down',
      { tripped: [tripped('WideSpread')], calmSinceMs: () => NOW - 299_999 },
      [],
    ],
    [
      'an instrument leaves after the cool-down',
      { tripped: [tripped('WideSpread')], calmSinceMs: () => NOW - 300_000 },
      ['WideSpread CooledDown'],
    ],
    [
      'an instrument leaves after a cool-down of the settings',
      {
        tripped: [tripped('WideSpread')],
        calmSinceMs: () => NOW - 20_000,
        rules: { ...RULES, breakerCoolDownSeconds: 20 },
      },
      ['WideSpread CooledDown'],
    ],
    [
      'a breaker of the venue stays during the cool-down, whatever the instruments',
      { tripped: [tripped('VenueErrors')], symbols: [], rules: VENUE_RULES, calmSinceMs: () => NOW - 299_999 },
      [],
    ],
    [
      'breakers of the venue leave after the cool-down',
      {
        tripped: [tripped('VenueErrors'), tripped('VenueLatency'), tripped('VenueBanned')],
        rules: VENUE_RULES,
        calmSinceMs: () => NOW - 300_000,
      },
      ['VenueErrors CooledDown', 'VenueLatency CooledDown', 'VenueBanned CooledDown'],
    ],
    [
      'a breaker of the venue leaves without its limit',
      {
        tripped: [tripped('VenueErrors'), tripped('VenueLatency'), tripped('VenueBanned')],
        rules: { maxVenueLatencyMs: 100 },
      },
      ['VenueErrors LimitRemoved', 'VenueBanned LimitRemoved'],
    ],
    ['a breaker leaves without its limit', { tripped: [tripped('Drawdown')], rules: {} }, ['Drawdown LimitRemoved']],
    [
      'a breaker leaves with its instrument',
      { tripped: [tripped('WideSpread', { symbol: 'GONE/ETH' })] },
      ['WideSpread LimitRemoved'],
    ],
  ])('%s', (_what, change, leaves) => {
    expect(names(change).leaves).toEqual(leaves);
  });

  it('of the drawdown counts from the equity at the reset', () => {
    const before = { equity: equityRecord({ equity: d('80'), dayStart: d('80') }), tripped: [tripped('Drawdown')] };
    expect(names(before)).toEqual({ trips: [], leaves: [], stays: ['Drawdown'] });
    const plan = planBreakers(input({ ...before, resets: [RESET] }));
    expect([plan.equity?.peak, plan.trips, plan.handled]).toEqual([d('80'), [], [RESET]]);
  });

  it('of an instrument trips beside those of others', () => {
    const plan = names({
      breaches: [wideSpread],
      tripped: [tripped('WideSpread', { symbol: 'BTC/ETH' })],
      symbols: ['XRP/ETH', 'BTC/ETH'],
    });
    expect(plan).toEqual({ trips: ['WideSpread'], leaves: [], stays: ['WideSpread', 'WideSpread'] });
  });
});

describe('the trading state', () => {
  const source = (state: SourceState['state'], author = 'risk', name = 'breaker-daily-loss'): SourceState => ({
    source: name,
    state,
    author,
    reason: '',
    revision: 7,
    sinceMs: 1,
  });
  const of = (breakers: readonly TrippedBreaker[], sources: readonly SourceState[], onDrawdown?: 'Halted') =>
    breakerCommands(breakers, onDrawdown === undefined ? {} : { onDrawdown }, sources).map(
      ({ source: name, state, author, reason, revision }) => `${name} ${state} ${author} ${reason} ${revision}`,
    );
  const loss = tripped('DailyLoss');

  it.each<[string, readonly string[], readonly string[]]>([
    ['is Reducing for a daily loss', of([loss], []), ['breaker-daily-loss Reducing risk DailyLoss detail 1']],
    ['is Reducing for a drawdown', of([tripped('Drawdown')], []), ['breaker-drawdown Reducing risk Drawdown detail 1']],
    [
      'is Halted for a drawdown if configured',
      of([tripped('Drawdown')], [], 'Halted'),
      ['breaker-drawdown Halted risk Drawdown detail 1'],
    ],
    [
      'is Reducing for the errors of the venue',
      of([tripped('VenueErrors')], []),
      ['breaker-venue-errors Reducing risk VenueErrors detail 1'],
    ],
    [
      'is Reducing for the latency and a ban of the venue, whatever a drawdown would do',
      of([tripped('VenueLatency'), tripped('VenueBanned')], [], 'Halted'),
      [
        'breaker-venue-latency Reducing risk VenueLatency detail 1',
        'breaker-venue-banned Reducing risk VenueBanned detail 1',
      ],
    ],
    ['is not changed by a breaker of an instrument', of([tripped('WideSpread')], []), []],
    ['is asked for once', of([loss], [source('Reducing')]), []],
    [
      'is asked for again after a lift by hand',
      of([loss], [source('Active', '')]),
      ['breaker-daily-loss Reducing risk DailyLoss detail 8'],
    ],
    ['stays what a person restricted further', of([loss], [source('Halted', 'ada')]), []],
    ['stays what a person restricted without a breaker', of([], [source('Reducing', 'ada')]), []],
    [
      'is lifted when the breaker left',
      of([], [source('Reducing')]),
      ['breaker-daily-loss Active risk the breaker has left 8'],
    ],
    ['of other sources is not touched', of([], [source('Halted', 'risk', 'flatten')]), []],
    ['is not lifted twice', of([], [source('Active')]), []],
  ])('%s', (_what, commands, expected) => {
    expect(commands).toEqual(expected);
  });
});
