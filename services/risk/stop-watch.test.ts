import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { riskTestSettings } from '../../test/fixtures/risk-settings.ts';
import { held, riskState, xrpEth } from '../../test/fixtures/risk-state.ts';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import { MemoryStops } from '../replay/memory-stops.ts';
import type { BookMessage } from '../shared/contracts/messages/book.ts';
import type { StopRules } from '../shared/contracts/services/risk.ts';
import { parseDecimal, ZERO } from '../shared/domain/decimal.ts';
import type { DecisionScope } from '../shared/domain/release/active-release.ts';
import { MarketView } from '../shared/market/market-view.ts';
import type { Activation } from './activation/activation.ts';
import type { RiskState } from './core/risk-state.ts';
import { createStopWatch, type StopWatch } from './stop-watch.ts';

const d = parseDecimal;
const trail = { trailingStopPercent: d('5') };
const key = { strategy: 'trend', symbol: 'XRP/ETH' };

let clock: ReturnType<typeof virtualClock>;
let store: MemoryStops;
let due: number;
let scope: DecisionScope;
let decidedAt: Activation['decidedAt'];
let heardSince: Activation['heardSince'];
let logged: string[];
let market: MarketView;
let watch: StopWatch;

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryStops();
  due = 0;
  scope = 'All';
  decidedAt = () => true;
  heardSince = () => true;
  logged = [];
  market = new MarketView(riskTestSettings.symbols);
  watch = createStopWatch({
    settings: riskTestSettings,
    scope: () => scope,
    decidedAt: (atMs) => decidedAt(atMs),
    heardSince: (atMs) => heardSince(atMs),
    market,
    store,
    onDue: () => (due += 1),
    clock,
    log: pino(
      { level: 'info' },
      { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) },
    ),
  });
});

/** One pass of the worker, on the record as it is. Returns which stop has triggered. */
async function pass(stops: StopRules, positions: RiskState['positions'] = held('30', '0.042')) {
  const { stops: after } = await passed(stops, positions);
  return after[0]?.triggered?.kind;
}

async function passed(stops: StopRules, positions: RiskState['positions'] = held('30', '0.042')) {
  const sizing = riskState.policy.sizing.map((one) => ({ ...one, stops }));
  const policy = { ...riskState.policy, sizing };
  return await watch.pass({ ...riskState, policy, nowMs: clock.nowMs(), positions, stops: store.rows });
}

const down = async () => await Promise.reject(new Error('Postgres is unavailable'));

async function book(version: number, bid: string | undefined): Promise<void> {
  watch.onBook(bookOf(version, bid));
  await clock.advance(10);
}

function bookOf(version: number, bid: string | undefined): BookMessage {
  const at = clock.nowMs();
  const bids: [ReturnType<typeof d>, ReturnType<typeof d>][] = bid === undefined ? [] : [[d(bid), d('9')]];
  const feed = { producer: 'ws', seq: version, symbol: key.symbol, time: at, receivedAt: at };
  return { ...feed, version: String(version), bids, asks: [] };
}

it('wakes the worker once for a stop that is reached, however many books follow', async () => {
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  await pass({ stopLossPercent: d('5') });
  for (const version of [1, 2, 3, 4]) await book(version, '0.0013');
  expect(due).toBe(1);
  expect(await pass({ stopLossPercent: d('5') })).toBe('StopLoss');
});

it('neither wakes the worker nor stores a stop while another process decides, and knows the highest price after', async () => {
  scope = 'None';
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, trail);
  expect(await pass(trail)).toBeUndefined();
  for (const version of [1, 2]) await book(version, '0.0020');
  for (const version of [3, 4]) await book(version, '0.0013');
  expect([due, await pass(trail), store.rows]).toEqual([
    0,
    undefined,
    [expect.objectContaining({ highPrice: undefined, triggered: undefined })],
  ]);
  scope = 'All';
  expect(await pass(trail)).toBe('TrailingStop');
  expect(store.rows).toMatchObject([{ highPrice: d('0.0020') }]);
});

it.each<[string, { before: DecisionScope; decided: boolean; after: DecisionScope; stored: string | undefined }]>([
  ['stores what it reached while it decided', { before: 'All', decided: true, after: 'None', stored: 'StopLoss' }],
  ['drops what it reached while another decided', { before: 'All', decided: false, after: 'None', stored: undefined }],
  ['stores what it reached while none decided', { before: 'Exits', decided: false, after: 'None', stored: 'StopLoss' }],
  ['drops what it reached while it was armed', { before: 'None', decided: true, after: 'None', stored: undefined }],
  ['stores what it reached before it decides', { before: 'None', decided: false, after: 'All', stored: 'StopLoss' }],
])('in a later pass %s', async (_what, { before, decided, after, stored }) => {
  const rules = { stopLossPercent: d('5') };
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, rules);
  scope = before;
  await pass(rules);
  for (const version of [1, 2]) await book(version, '0.0013');
  scope = after;
  decidedAt = () => decided;
  await pass(rules);
  expect(store.rows[0]?.triggered?.kind).toBe(stored);
});

it.each<[string, { heard: boolean; after: DecisionScope; stored: string | undefined }]>([
  ['stores it when that one stays silent', { heard: false, after: 'Exits', stored: 'StopLoss' }],
  ['stores it when it is activated first', { heard: false, after: 'All', stored: 'StopLoss' }],
  ['drops it when that one is heard after it', { heard: true, after: 'Exits', stored: undefined }],
])('keeps what it reached beside another release, and %s', async (_what, { heard, after, stored }) => {
  const rules = { stopLossPercent: d('5') };
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, rules);
  scope = 'None';
  await pass(rules);
  for (const version of [1, 2]) await book(version, '0.0013');
  for (const version of [3, 4]) await book(version, '0.0014');
  heardSince = () => false;
  expect(await pass(rules)).toBeUndefined();
  heardSince = () => heard;
  expect(await pass(rules)).toBeUndefined();
  scope = after;
  expect(await pass(rules)).toBe(stored);
});

it('keeps what it reached until it knows whether it decided then', async () => {
  const rules = { stopLossPercent: d('5') };
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, rules);
  await pass(rules);
  const reachedMs = clock.monotonicMs();
  for (const version of [1, 2]) await book(version, '0.0013');
  for (const version of [3, 4]) await book(version, '0.0014');
  decidedAt = () => undefined;
  expect(await pass(rules)).toBeUndefined();
  decidedAt = (atMs) => atMs >= reachedMs;
  expect(await pass(rules)).toBe('StopLoss');
});

it('takes nothing from an earlier position that another process saw closed and opened again', async () => {
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  await pass(trail);
  for (const version of [1, 2]) await book(version, '0.0020');
  store.endAtEntry(key, { stance: undefined, isFirst: true, held: ZERO });
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  for (const version of [3, 4]) await book(version, '0.00139');
  expect([due, await pass(trail)]).toEqual([1, undefined]);
  for (const version of [5, 6]) await book(version, '0.00139');
  expect([due, await pass(trail)]).toEqual([1, undefined]);
});

it('judges the next position while the stop of an earlier one could not be stored', async () => {
  const loss = { stopLossPercent: d('5') };
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  await pass(loss);
  const { triggerStop } = store;
  Object.assign(store, { triggerStop: down });
  for (const version of [1, 2]) await book(version, '0.0013');
  expect(await pass(loss)).toBeUndefined();
  Object.assign(store, { triggerStop });
  store.endAtEntry(key, { stance: undefined, isFirst: true, held: ZERO });
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  expect(await pass(loss)).toBeUndefined();
  for (const version of [3, 4]) await book(version, '0.0013');
  expect(await pass(loss)).toBe('StopLoss');
});

it.each<[string, boolean, string]>([
  ['triggered first', false, 'stop triggered'],
  ['found triggered by another process', true, 'stop not triggered again'],
])('logs a stop that it %s', async (_what, isTaken, message) => {
  const position = { ...key, openedAtMs: clock.nowMs() };
  await store.beginStop(position, {});
  await pass({ stopLossPercent: d('5') });
  for (const version of [1, 2]) await book(version, '0.0013');
  const triggered = { kind: 'MaxHolding', level: undefined, bid: undefined, entryPrice: undefined, atMs: 1 } as const;
  const stale = store.rows;
  if (isTaken) await store.triggerStop({ ...position, highPrice: undefined, triggered });
  await watch.pass({ ...riskState, nowMs: clock.nowMs(), positions: held('30', '0.042'), stops: stale });
  expect(logged).toEqual([message]);
  expect(store.rows).toMatchObject([{ triggered: { kind: isTaken ? 'MaxHolding' : 'StopLoss' } }]);
});

it('does not judge a position by what the bid was before it was seen', async () => {
  for (const version of [1, 2]) await book(version, '0.0013');
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  expect(await pass({ stopLossPercent: d('5') })).toBeUndefined();
  await book(3, '0.0013');
  expect(due).toBe(0);
  await book(4, '0.0013');
  expect(due).toBe(1);
});

describe('a write that fails', () => {
  it.each([
    { method: 'beginStop', begun: false, bid: '0.0014', after: [{ highPrice: undefined, triggered: undefined }] },
    { method: 'changeStopRules', begun: true, bid: '0.0014', after: [{ rules: trail }], first: {} },
    { method: 'raiseStop', begun: true, bid: '0.0016', after: [{ highPrice: d('0.0016'), triggered: undefined }] },
    { method: 'triggerStop', begun: true, bid: '0.0010', after: [{ triggered: { kind: 'TrailingStop' } }] },
    { method: 'endStop', begun: true, bid: '0.0014', after: [], positions: [] },
  ] as const)(
    'names its position, and is repeated: $method',
    async ({ method, begun, bid, after, positions, first = trail }) => {
      if (begun) await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
      if (begun) await pass(first);
      for (const version of [1, 2]) await book(version, bid);
      await clock.advance(6_000);
      const before = due;
      const real = store[method];
      Object.assign(store, { [method]: down });
      const problem = { reason: 'StopNotStored', message: 'Postgres is unavailable' };
      expect((await passed(trail, positions)).unjudged).toContainEqual({ ...key, problem });
      expect(due).toBe(before);
      Object.assign(store, { [method]: real });
      expect((await passed(trail, positions)).unjudged).not.toContainEqual({ ...key, problem });
      expect(store.rows).toMatchObject(after);
      expect(store.rows).toHaveLength(after.length);
    },
  );

  it('leaves the other writes of the pass as they are', async () => {
    const closed = { ...key, symbol: 'ADA/ETH', openedAtMs: clock.nowMs() };
    await store.beginStop(closed, {});
    await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
    Object.assign(store, { raiseStop: down, triggerStop: down });
    expect((await passed(trail)).stops).toHaveLength(2);
    expect(store.rows).toMatchObject([{ symbol: key.symbol }]);
  });
});

it('keeps the highest price while a bad print makes the position look like dust', async () => {
  const wide = { trailingStopPercent: d('50') };
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  await pass(wide);
  for (const version of [1, 2]) await book(version, '0.0020');
  market.onInstruments(new Map([[key.symbol, xrpEth]]));
  market.onBook(bookOf(3, '0.000001'));
  await pass(wide);
  market.onBook(bookOf(4, '0.0014'));
  await clock.advance(6_000);
  await pass(wide);
  expect(store.rows).toMatchObject([{ highPrice: d('0.0020') }]);
});

describe('a position whose strategy was removed', () => {
  const positions = held('30', '0.042');

  /** A look of a process whose settings do not have the strategy. */
  async function lookWithout() {
    const sizing = riskState.policy.sizing.filter(({ strategy }) => strategy !== key.strategy);
    const policy = { ...riskState.policy, sizing };
    return await watch.pass({ ...riskState, policy, nowMs: clock.nowMs(), positions, stops: store.rows });
  }

  it('has stops that were stored with its record, and is sold by them', async () => {
    const opened = clock.nowMs();
    await pass({ stopLossPercent: d('5') });
    expect(store.rows).toMatchObject([{ openedAtMs: opened, rules: { stopLossPercent: d('5') } }]);
    await lookWithout();
    for (const version of [1, 2]) await book(version, '0.0013');
    expect(due).toBe(2);
    expect((await lookWithout()).stops).toMatchObject([{ triggered: { kind: 'StopLoss', level: d('0.00133') } }]);
    expect(store.rows).toMatchObject([{ triggered: { kind: 'StopLoss' } }]);
  });

  it('has the stops of the last change while it was configured', async () => {
    await pass({ stopLossPercent: d('5') });
    await pass({ maxHoldingSeconds: 60 });
    expect(store.rows).toMatchObject([{ rules: { maxHoldingSeconds: 60 } }]);
    await clock.advance(59_000);
    for (const version of [1, 2]) await book(version, '0.0010');
    expect((await lookWithout()).stops[0]?.triggered).toBeUndefined();
    await clock.advance(1_000);
    await lookWithout();
    expect((await lookWithout()).stops).toMatchObject([{ triggered: { kind: 'MaxHolding' } }]);
  });

  it('has no stops once a person has removed them from the configured strategy', async () => {
    await pass({ stopLossPercent: d('5') });
    await pass({});
    expect(store.rows).toMatchObject([{ rules: undefined }]);
    await lookWithout();
    for (const version of [1, 2]) await book(version, '0.0001');
    expect((await lookWithout()).stops).toMatchObject([{ triggered: undefined }]);
  });

  it('has its highest price stored, too', async () => {
    await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, trail);
    await lookWithout();
    for (const version of [1, 2]) await book(version, '0.0020');
    await clock.advance(6_000);
    await lookWithout();
    expect(store.rows).toMatchObject([{ highPrice: d('0.0020'), rules: trail }]);
  });
});

it('stores no rules that are stored already', async () => {
  await pass(trail);
  const changes: unknown[] = [];
  const { changeStopRules } = store;
  Object.assign(store, {
    changeStopRules: async (...args: Parameters<typeof changeStopRules>) => {
      changes.push(args[1]);
      await changeStopRules(...args);
    },
  });
  for (const rules of [trail, trail, { stopLossPercent: d('5') }, { stopLossPercent: d('5') }]) await pass(rules);
  expect(changes).toEqual([{ stopLossPercent: d('5') }]);
});

it('does not confirm a bid through a book without o', async () => {
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  await pass({ stopLossPercent: d('5') });
  await book(1, '0.0013');
  await book(2, undefined);
  await book(3, '0.0013');
  expect(due).toBe(0);
});

it('never fails because of a level that is no decimal, and still counts the time', async () => {
  const rules = { takeProfitPercent: d('9999'), maxHoldingSeconds: 5 };
  const positions = held('30', '0.042').map((one) => ({ ...one, cost: d('99999999999999999999') }));
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  expect(await pass(rules, positions)).toBeUndefined();
  for (const version of [1, 2]) await book(version, '0.0014');
  await clock.advance(5_000);
  expect(await pass(rules, positions)).toBe('MaxHolding');
});

it('stores no highest price of a position without a trailing stop', async () => {
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() }, {});
  await pass({ takeProfitPercent: d('90') });
  for (const version of [1, 2]) await book(version, '0.0020');
  await clock.advance(6_000);
  await pass({ takeProfitPercent: d('90') });
  expect(store.rows).toMatchObject([{ highPrice: undefined }]);
});
