import { beforeEach, expect, it } from 'vitest';
import { riskTestSettings } from '../../test/fixtures/risk-settings.ts';
import { held, riskState } from '../../test/fixtures/risk-state.ts';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import { MemoryStops } from '../replay/memory-stops.ts';
import { parseDecimal } from '../shared/domain/decimal.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import type { RiskState } from './core/risk-state.ts';
import type { StopRules } from './core/stops/stop-trigger.ts';
import { createStopWatch, type StopWatch } from './stop-watch.ts';

const d = parseDecimal;
const key = { strategy: 'trend', symbol: 'XRP/ETH' };

let clock: ReturnType<typeof virtualClock>;
let store: MemoryStops;
let due: number;
let watch: StopWatch;

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryStops();
  due = 0;
  watch = createStopWatch({
    settings: riskTestSettings,
    market: new MarketView(riskTestSettings.symbols),
    store,
    onDue: () => (due += 1),
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
  });
});

/** One pass of the worker, on the record as it is. */
async function pass(stops: StopRules, positions: RiskState['positions'] = held('30', '0.042')) {
  const sizing = riskState.policy.sizing.map((one) => ({ ...one, stops }));
  const policy = { ...riskState.policy, sizing };
  const { stops: after } = await watch.pass({
    ...riskState,
    policy,
    nowMs: clock.nowMs(),
    positions,
    stops: store.rows,
  });
  return after[0]?.triggered?.kind;
}

async function book(version: number, bid: string | undefined): Promise<void> {
  const at = clock.nowMs();
  const bids: [ReturnType<typeof d>, ReturnType<typeof d>][] = bid === undefined ? [] : [[d(bid), d('9')]];
  const feed = { producer: 'ws', seq: version, symbol: key.symbol, time: at, receivedAt: at };
  watch.onBook({ ...feed, version: String(version), bids, asks: [] });
  await clock.advance(10);
}

it('wakes the worker once for a stop that is reached, however many books follow', async () => {
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() });
  await pass({ stopLossPercent: d('5') });
  for (const version of [1, 2, 3, 4]) await book(version, '0.0013');
  expect(due).toBe(1);
  expect(await pass({ stopLossPercent: d('5') })).toBe('StopLoss');
});

it('takes nothing from an earlier position that another process saw closed and opened again', async () => {
  const trail = { trailingStopPercent: d('5') };
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() });
  await pass(trail);
  for (const version of [1, 2]) await book(version, '0.0020');
  store.endAtEntry(key.strategy, key.symbol);
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() });
  for (const version of [3, 4]) await book(version, '0.00139');
  expect([due, await pass(trail)]).toEqual([1, undefined]);
  for (const version of [5, 6]) await book(version, '0.00139');
  expect([due, await pass(trail)]).toEqual([1, undefined]);
});

it('judges a position anew while the stop of an earlier one could not be stored', async () => {
  const loss = { stopLossPercent: d('5') };
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() });
  await pass(loss);
  const { triggerStop } = store;
  Object.assign(store, { triggerStop: async () => await Promise.reject(new Error('Postgres is unavailable')) });
  for (const version of [1, 2]) await book(version, '0.0013');
  await expect(pass(loss)).rejects.toThrow('Postgres is unavailable');
  Object.assign(store, { triggerStop });
  store.endAtEntry(key.strategy, key.symbol);
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() });
  expect(await pass(loss)).toBe('StopLoss');
});

it('does not confirm a bid through a book without one', async () => {
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() });
  await pass({ stopLossPercent: d('5') });
  await book(1, '0.0013');
  await book(2, undefined);
  await book(3, '0.0013');
  expect(due).toBe(0);
});

it('never fails because of a level that is no decimal, and still counts the time', async () => {
  const rules = { takeProfitPercent: d('9999'), maxHoldingSeconds: 5 };
  const positions = held('30', '0.042').map((one) => ({ ...one, cost: d('99999999999999999999') }));
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() });
  expect(await pass(rules, positions)).toBeUndefined();
  for (const version of [1, 2]) await book(version, '0.0014');
  await clock.advance(5_000);
  expect(await pass(rules, positions)).toBe('MaxHolding');
});

it('stores no highest price of a position without a trailing stop', async () => {
  await store.beginStop({ ...key, openedAtMs: clock.nowMs() });
  await pass({ takeProfitPercent: d('90') });
  for (const version of [1, 2]) await book(version, '0.0020');
  await clock.advance(6_000);
  await pass({ takeProfitPercent: d('90') });
  expect(store.rows).toMatchObject([{ highPrice: undefined }]);
});
