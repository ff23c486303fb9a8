import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createVirtualStack } from '../../../test/harness/virtual-stack.ts';
import { TEST_TAG } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { ONE, ZERO } from '../../shared/domain/decimal.ts';
import { tradeKeyOf, type Fill } from '../../shared/domain/orders/fill.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { collectFills, FILLS_PER_PAGE } from '../../shared/venue/mexc/rest/fill-pages.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { createExecutionMetrics } from '../metrics.ts';
import { MissedFills } from './missed-fills.ts';

const SYMBOL = 'XRP/ETH';
const HOUR_MS = 3_600_000;
const COUNT = 25_000;

function fillAt(time: number, id: string): Fill {
  const ids = { venueTradeId: id, venueOrderId: `V${id}`, clientOrderId: '', symbol: SYMBOL, side: 'buy' } as const;
  return { ...ids, price: ONE, quantity: ONE, fee: ZERO, feeAsset: 'ETH', maker: false, time };
}

/** The fills of an outage of ten hours, several in the same millisecond. */
function outage(endMs: number): Fill[] {
  const startMs = endMs - 10 * HOUR_MS;
  const stepMs = (10 * HOUR_MS) / COUNT;
  return Array.from({ length: COUNT }, (_, index) => fillAt(startMs + Math.floor(index / 7) * 7 * stepMs, `T${index}`));
}

/** Lists fills as the venue does: the newest first, a page at most, up to an end time. */
function pagesOf(fills: () => readonly Fill[]): TradingVenue['fills'] {
  return async (_symbol, sinceMs) =>
    await collectFills(sinceMs, async (endTimeMs = Infinity) => {
      const listed = fills().filter(({ time }) => time >= sinceMs && time <= endTimeMs);
      return await Promise.resolve({ kind: 'ok', value: listed.slice(-FILLS_PER_PAGE).reverse() });
    });
}

it('records more fills than one call reads in several runs, each once, while newer ones arrive', async () => {
  const clock = virtualClock();
  const listed = outage(clock.nowMs());
  const recorded = new Map<string, Fill>();
  const doubled: string[] = [];
  const note = async (fill: Fill) => {
    if (recorded.has(tradeKeyOf(fill))) doubled.push(fill.venueTradeId);
    recorded.set(tradeKeyOf(fill), fill);
    return await Promise.resolve('Recorded' as const);
  };
  const registry = new Registry();
  const missed = new MissedFills({
    store: {
      // The private stream has recorded a fill of now, so that the newest one says nothing about the missing ones.
      fillWatermark: async () => await Promise.resolve(Math.max(...[...recorded.values()].map(({ time }) => time))),
      recordedTrades: async (_symbol, ids) => {
        const asked = new Set(ids);
        const known = [...recorded].filter(([, { venueTradeId }]) => asked.has(venueTradeId));
        return await Promise.resolve(new Set(known.map(([key]) => key)));
      },
    },
    venue: { fills: pagesOf(() => listed) },
    orders: { onFill: note },
    findings: { adoptByFill: async () => await Promise.reject(new Error('nothing is adopted')) },
    otherStacks: { onFill: () => {} },
    tag: TEST_TAG,
    metrics: createExecutionMetrics(registry),
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  await note(fillAt(clock.nowMs() - 11 * HOUR_MS, 'before'));
  const problems: string[] = [];
  let runs = 0;
  for (let complete = false; !complete && runs < 10; runs += 1) {
    complete = await missed.record(SYMBOL).then(
      () => true,
      (error: Error) => (problems.push(error.message), false),
    );
    const live = fillAt(clock.nowMs(), `live${runs}`);
    listed.push(live);
    if (!complete) await note(live);
    await clock.advance(1_000);
  }
  expect(runs).toBeGreaterThan(2);
  expect(problems).toHaveLength(runs - 1);
  expect(problems[0]).toMatch(/^fills are read up to \d{4}-.*Z, the next run continues$/);
  expect(doubled).toEqual([]);
  expect(listed.filter((fill) => !recorded.has(tradeKeyOf(fill))).map(({ venueTradeId }) => venueTradeId)).toEqual([
    `live${runs - 1}`,
  ]);
  expect(runs).toBeLessThan(10);
});

it('takes no entries of a pair until its fills are read to the end, and ends compared', async () => {
  const stack = createVirtualStack();
  const { clock, venue } = stack;
  const registry = new Registry();
  venue.traded.push(...outage(clock.nowMs()));
  const answers: boolean[] = [];
  const placedAfter: (boolean | undefined)[] = [];
  const execution = await stack.active({
    registry,
    at: {
      fills: async (...asked) => {
        await clock.sleep(2_000);
        const reply = await pagesOf(() => venue.traded)(...asked);
        answers.push(reply.kind === 'ok' && reply.value.completeToMs === undefined);
        return reply;
      },
      place: async (...asked) => {
        placedAfter.push(answers.at(-1));
        return await venue.place(...asked);
      },
    },
    // So long before that the first end is the time of the oldest fill of a walk, which seven fills share.
    store: { fillWatermark: async () => await Promise.resolve(clock.nowMs() - 40 * HOUR_MS) },
    settings: { reconcileIntervalMs: 600_000 },
  });
  const entry = stack.approve('entry', { deadline: clock.nowMs() + 60_000 });
  void execution.onApproval(entry.decisionId);
  while (answers.length < 2) await clock.advance(100);
  expect(execution.sender()).toMatchObject({ role: 'active', obstacle: { reason: 'NotReconciled' } });
  expect(execution.figures()).toMatchObject({ 'reconcileAgeMs.XRP/ETH': null });
  await clock.advance(20_000);
  expect(answers).toEqual([false, false, false, true]);
  expect([placedAfter, stack.stateOf(entry)?.kind]).toEqual([[true], 'Filled']);
  expect(execution.figures()).not.toHaveProperty('reconcileAgeMs.XRP/ETH');
  const found = await registry.getSingleMetric('tradingstack_execution_findings_total')?.get();
  expect(found?.values).toEqual([expect.objectContaining({ labels: { kind: 'ForeignFill' }, value: COUNT })]);
});
