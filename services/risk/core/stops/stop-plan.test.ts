import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState, unreadRow } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import { exitCause, exitSignal } from '../exits/exit.ts';
import { leavingTimes } from '../exits/leaving-times.ts';
import { planExits } from '../exits/exit-plan.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { planStops } from './stop-plan.ts';
import type { StopRecord } from './stop-record.ts';

const d = parseDecimal;
const pair = { strategy: 'trend', symbol: 'XRP/ETH' };
const stops = { stopLossPercent: d('5'), trailingStopPercent: d('10') };
const record: StopRecord = {
  ...pair,
  openedAtMs: NOW - 5_000,
  highPrice: undefined,
  rules: stops,
  triggered: undefined,
};
const begun = { ...pair, rules: stops };
const triggered: StopRecord = {
  ...record,
  highPrice: d('0.0015'),
  triggered: { kind: 'StopLoss', level: d('0.00133'), bid: d('0.0013'), entryPrice: d('0.0014'), atMs: NOW - 900 },
};
const state: RiskState = {
  ...riskState,
  positions: held('30', '0.042'),
  policy: { ...riskState.policy, sizing: riskState.policy.sizing.map((one) => ({ ...one, stops })) },
};

function plan(change: Partial<RiskState>, highOf: (one: StopRecord) => Decimal | undefined = () => undefined) {
  const own = { ...state, ...change };
  return planStops(own, () => own.market, highOf);
}

describe('a position with stops', () => {
  it('is watched from its first record on, at its cost by quantity', () => {
    expect(plan({})).toEqual({ watched: [], begun: [begun], changed: [], ended: [], unjudged: [] });
    const watched = { ...pair, rules: stops, openedAtMs: NOW - 5_000, entryPrice: d('0.0014'), highPrice: d('0.0014') };
    expect(plan({ stops: [record] })).toEqual({
      watched: [watched],
      begun: [],
      changed: [],
      ended: [],
      unjudged: [],
    });
  });

  it('has the highest of the stored price, the one of this process and the entry price', () => {
    const stored = { ...record, highPrice: d('0.0016') };
    expect(plan({ stops: [stored] }).watched).toMatchObject([{ highPrice: d('0.0016') }]);
    expect(plan({ stops: [stored] }, () => d('0.0017')).watched).toMatchObject([{ highPrice: d('0.0017') }]);
  });

  it.each<[string, Partial<RiskState>]>([
    ['whose strategy has no stops', { policy: riskState.policy }],
    ['that the venue would not take', { positions: held('0.9') }],
    ['that is closed', { positions: held('0') }],
    ['whose stop has triggered', { stops: [triggered] }],
  ])('%s is not watched', (_what, change) => {
    const { watched, begun, unjudged } = plan(change);
    expect([watched, begun, unjudged]).toEqual([[], [], []]);
  });

  it('is forgotten when it is closed without a trigger and without an order', () => {
    const closed = { positions: held('0'), stops: [record] };
    expect(plan(closed).ended).toEqual([record]);
    expect(plan({ ...closed, orders: [{ ...openBuy, strategy: 'trend' }] }).ended).toEqual([]);
    expect(plan({ ...closed, stops: [triggered] }).ended).toEqual([]);
    expect(plan({ positions: held('0.9'), stops: [record] }).ended).toEqual([]);
  });

  it('keeps its record while a row may hide that it is held', () => {
    const closed = { positions: held('0'), stops: [record] };
    expect(plan({ ...closed, unread: [unreadRow] }).ended).toEqual([]);
    expect(plan({ ...closed, unread: [{ ...unreadRow, table: 'risk.decisions', symbol: undefined }] }).ended).toEqual(
      [],
    );
    expect(plan({ ...closed, unread: [{ ...unreadRow, symbol: 'ADA/ETH' }] }).ended).toEqual([record]);
    expect(plan({ ...closed, unread: [{ ...unreadRow, table: 'risk.stances' }] }).ended).toEqual([record]);
  });

  it('gets no second record when its own cannot be read, and says so', () => {
    const unread = [{ ...unreadRow, table: 'risk.stops' }] as const;
    expect(plan({ unread })).toMatchObject({
      watched: [],
      begun: [],
      unjudged: [{ problem: { reason: 'RowUnreadable' } }],
    });
    expect(plan({ unread: [{ ...unread[0], strategy: 'maker' }] })).toMatchObject({ begun: [begun], unjudged: [] });
    expect(plan({ unread: [{ ...unread[0], symbol: 'ADA/ETH' }] })).toMatchObject({ begun: [begun], unjudged: [] });
  });

  it('has none when its strategy has none, also beside a record of earlier ones that cannot be read', () => {
    const unread = [{ ...unreadRow, table: 'risk.stops' }] as const;
    expect(plan({ policy: riskState.policy, unread })).toMatchObject({ watched: [], begun: [], unjudged: [] });
  });

  it.each<[string, Partial<RiskState>, string | undefined]>([
    ['a fresh book', {}, undefined],
    ['no book', { market: { ...state.market, book: undefined } }, 'FeedStale'],
    [
      'an old book',
      { market: { ...state.market, book: { bid: d('1'), ask: d('2'), receivedAt: NOW - 2_001 } } },
      'FeedStale',
    ],
    [
      'no bid',
      { market: { ...state.market, book: { bid: undefined, ask: d('2'), receivedAt: NOW } } },
      'CollarUnknown',
    ],
    ['no cost', { positions: held('30', '0') }, 'EntryPriceUnknown'],
    [
      'an entry price that is no decimal',
      {
        positions: held('30', '0').map((one) => ({ ...one, cost: (10n ** 38n) as Decimal, quantity: 1n as Decimal })),
        market: { ...state.market, instrument: undefined },
      },
      'EntryPriceUnknown',
    ],
  ])('with %s says why it cannot be judged', (_what, change, reason) => {
    const expected = reason === undefined ? [] : [{ ...pair, problem: { reason } }];
    expect(plan({ ...change, stops: [record] }).unjudged).toMatchObject(expected);
    expect(plan({ ...change, stops: [record] }).unjudged).toHaveLength(expected.length);
  });

  it.each<[string, RiskState['policy']['sizing'][number]['stops'], Partial<RiskState>]>([
    ['only a time', { maxHoldingSeconds: 9 }, { market: { ...state.market, book: undefined } }],
    ['only a trailing stop', { trailingStopPercent: d('1') }, { positions: held('30', '0') }],
  ])('that has %s needs no more to be judged', (_what, rules, change) => {
    const sizing = riskState.policy.sizing.map((one) => ({ ...one, ...(rules && { stops: rules }) }));
    expect(plan({ ...change, policy: { ...state.policy, sizing }, stops: [record] }).unjudged).toEqual([]);
  });
});

describe('a position whose strategy was removed', () => {
  const policy = {
    ...riskState.policy,
    sizing: riskState.policy.sizing.filter(({ strategy }) => strategy !== 'trend'),
  };
  const own = { stopLossPercent: d('7') };
  const removed = (change: Partial<RiskState> = {}) => plan({ policy, ...change });

  it('is watched with the stored stops, which stay as they are', () => {
    const stored = { ...record, rules: own };
    expect(removed({ stops: [stored] })).toMatchObject({
      watched: [{ ...pair, rules: own, openedAtMs: record.openedAtMs, entryPrice: d('0.0014') }],
      begun: [],
      changed: [],
      ended: [],
      unjudged: [],
    });
    expect(removed({ stops: [stored], positions: held('0') }).ended).toEqual([stored]);
  });

  it.each<[string, Partial<RiskState>]>([
    ['without a record', {}],
    ['with a record that an older release began', { stops: [{ ...record, rules: undefined }] }],
  ])('%s gets no stop', (_what, change) => {
    expect(removed(change)).toMatchObject({ watched: [], begun: [], changed: [], unjudged: [] });
  });

  it.each<[string, Partial<RiskState>]>([
    ['whose record', {}],
    ['whose stored stops', { stops: [{ ...record, rules: undefined }] }],
  ])('%s cannot be read has an unknown stop', (_what, change) => {
    const unread = [{ ...unreadRow, table: 'risk.stops' }] as const;
    expect(removed({ ...change, unread })).toMatchObject({
      watched: [],
      begun: [],
      unjudged: [{ ...pair, problem: { reason: 'RowUnreadable' } }],
    });
  });

  it('is watched by the stops that can be read beside one that cannot', () => {
    const unread = [{ ...unreadRow, table: 'risk.stops' }] as const;
    expect(removed({ stops: [record], unread })).toMatchObject({ watched: [{ rules: stops }], unjudged: [] });
  });

  it('says so when its pair was removed, too', () => {
    const problem = { reason: 'InstrumentNotKnown', message: 'the pair is not in spec.instruments, so it has no feed' };
    expect(removed({ policy: { ...policy, symbols: ['ADA/ETH'] }, stops: [record] }).unjudged).toEqual([
      { ...pair, problem },
    ]);
  });
});

describe('the stored stops of a configured strategy', () => {
  const withStops = (rules: typeof stops | undefined) => ({
    policy: {
      ...riskState.policy,
      sizing: riskState.policy.sizing.map((one) => ({ ...one, ...(rules && { stops: rules }) })),
    },
  });

  it.each<[string, typeof stops | undefined, StopRecord['rules'], number]>([
    ['stay while they are those of the strategy', stops, stops, 0],
    ['follow a change of the spec', { ...stops, stopLossPercent: d('6') }, stops, 1],
    ['end when the user removes them', undefined, stops, 1],
    ['are stored for a record of an older release', stops, undefined, 1],
    ['stay away from a strategy that never had any', undefined, undefined, 0],
  ])('%s', (_what, rules, stored, count) => {
    const own = { ...record, rules: stored };
    const { changed, watched } = plan({ ...withStops(rules), stops: [own] });
    expect(changed).toEqual(Array.from({ length: count }, () => ({ record: own, rules })));
    expect(watched.map((one) => one.rules)).toEqual(rules === undefined ? [] : [rules]);
  });

  it('change neither once one has triggered, nor at the end of the position', () => {
    const other = withStops({ ...stops, stopLossPercent: d('6') });
    expect(plan({ ...other, stops: [triggered] }).changed).toEqual([]);
    expect(plan({ ...other, stops: [record], positions: held('0') })).toMatchObject({ changed: [], ended: [record] });
  });
});

describe('a stop that has triggered', () => {
  const stopped: RiskState = { ...state, stops: [triggered] };
  const long: Signal = { ...exitSignal(stopped, pair), id: 'x', stance: 'Long', changedAt: NOW - 900 };

  it('is a cause to leave the position, whatever its strategy wants, and whichever signals are unread', () => {
    const stances = [{ ...pair, stance: 'Long', barClose: NOW, changedAt: NOW }] as const;
    const input = { state: { ...stopped, stances }, marketOf: () => stopped.market, attempts: new Map() };
    const made = planExits({ ...input, unreadSignals: 'All', monotonicMs: 0 });
    expect(made).toMatchObject({ open: [{ cause: 'Stop', stop: 'StopLoss' }], due: [pair] });
    expect(leavingTimes(undefined, made, input.state).get('trend:XRP/ETH')).toBe(NOW - 900);
    const flattening = [{ source: 'desk', state: 'Flattening', reason: '' }] as const;
    expect(exitCause({ ...stopped, tradingStates: flattening }, pair)).toBe('Flattening');
    expect(exitCause({ ...stopped, stances: stances.map((one) => ({ ...one, stance: 'Flat' })) }, pair)).toBe('Stop');
    expect(exitCause({ ...stopped, stops: [record] }, pair)).toBeUndefined();
  });

  it('is stored with each decision about the exit, and with no other', () => {
    expect(decide(stopped, exitSignal(stopped, pair))).toMatchObject({
      kind: 'Approved',
      inputs: {
        stop: 'StopLoss',
        stopLevel: '0.00133',
        stopBid: '0.0013',
        stopEntryPrice: '0.0014',
        stopHighPrice: '0.0015',
        stopOpenedAt: NOW - 5_000,
        stopTriggeredAt: NOW - 900,
      },
    });
    const stale = { ...stopped, market: { ...stopped.market, book: undefined } };
    expect(decide(stale, exitSignal(stale, pair))).toMatchObject({ kind: 'Refused', inputs: { stop: 'StopLoss' } });
    const entry = { ...long, changedAt: NOW - 800 };
    const decision = decide({ ...stopped, positions: [] }, entry);
    expect(decision).toMatchObject({ kind: 'Approved' });
    expect(JSON.stringify(decision.kind === 'Approved' ? decision.inputs : '')).not.toContain('stop');
  });

  it('lets no stance that began before it open a position', () => {
    const flat = { ...stopped, positions: [] };
    expect(decide(flat, long)).toEqual({ kind: 'NoAction', reason: 'StoppedOut' });
    expect(decide(flat, { ...long, changedAt: NOW - 899 })).toMatchObject({ kind: 'Approved' });
    expect(decide({ ...flat, stops: [record] }, long)).toMatchObject({ kind: 'Approved' });
  });
});
