import { array, assert, asyncProperty, boolean, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ONE, ZERO } from '../../../domain/decimal.ts';
import type { Fill } from '../../../domain/orders/fill.ts';
import { collectFills, FILLS_PER_PAGE, type AskFillPage } from './fill-pages.ts';

function fillAt(time: number, index: number): Fill {
  return {
    venueTradeId: `T${index}`,
    venueOrderId: 'V',
    clientOrderId: '',
    symbol: 'XRP/ETH',
    side: 'buy',
    price: ONE,
    quantity: ONE,
    fee: ZERO,
    feeAsset: 'ETH',
    maker: false,
    time,
  };
}

/** Serves `fills` (oldest first) in pages; `inclusive`: whether a page includes fills at its end time. */
function venueOf(fills: readonly Fill[], inclusive: boolean): { ask: AskFillPage; requests: () => number } {
  let requests = 0;
  const ask: AskFillPage = async (endTimeMs = Infinity) => {
    requests += 1;
    const upTo = fills.filter(({ time }) => (inclusive ? time <= endTimeMs : time < endTimeMs));
    return await Promise.resolve({ kind: 'ok', value: upTo.slice(-FILLS_PER_PAGE).reverse() });
  };
  return { ask, requests: () => requests };
}

describe('collectFills', () => {
  it('returns every fill once, oldest first, whether or not the end time is inclusive', async () => {
    const gaps = array(integer({ min: 0, max: 3 }), { maxLength: 450 });
    await assert(
      asyncProperty(gaps, boolean(), async (steps, inclusive) => {
        // At least every 20th fill advances the time, so a page never consists of one millisecond.
        let time = 1_000;
        const fills = steps.map((step, index) => fillAt((time += index % 20 === 0 ? step + 1 : step), index));
        const { ask } = venueOf(fills, inclusive);
        expect(await collectFills(0, ask)).toEqual({ kind: 'ok', value: { fills, completeToMs: undefined } });
      }),
      { numRuns: 100 },
    );
  });

  it('returns both executions of a trade between two of our orders', async () => {
    const sides = ['V1', 'V2'].map((venueOrderId) => ({ ...fillAt(1, 1), venueOrderId }));
    expect(await collectFills(0, venueOf(sides, true).ask)).toMatchObject({ kind: 'ok', value: { fills: sides } });
  });

  it('sends one request when one page is enough', async () => {
    const { ask, requests } = venueOf([fillAt(1, 1)], true);
    expect(await collectFills(0, ask)).toMatchObject({ kind: 'ok', value: { fills: [{ venueTradeId: 'T1' }] } });
    expect(requests()).toBe(1);
  });

  it('returns unknown when more fills share a millisecond than fit a page', async () => {
    const crowd = Array.from({ length: 150 }, (_, index) => fillAt(5, index));
    const { ask, requests } = venueOf(crowd, true);
    expect(await collectFills(0, ask)).toEqual({
      kind: 'unknown',
      reason: 'page of fills contains no older fill',
    });
    expect(requests()).toBe(2);
  });

  describe('when there are more fills than one call reads', () => {
    /** Reads as often as needed, each time from where the call before ended, and returns what each call has read. */
    async function readAll(fills: readonly Fill[], sinceMs: number, inclusive = true) {
      const calls: { readonly count: number; readonly requests: number }[] = [];
      const found = new Map<string, Fill>();
      let fromMs: number | undefined = sinceMs;
      while (fromMs !== undefined && calls.length < 60) {
        const startMs: number = fromMs;
        const since = fills.filter(({ time }) => time >= startMs);
        const { ask, requests } = venueOf(since, inclusive);
        const reply = await collectFills(startMs, ask);
        if (reply.kind !== 'ok') throw new Error(JSON.stringify(reply));
        const { fills: part, completeToMs } = reply.value;
        for (const fill of part) found.set(fill.venueTradeId, fill);
        // All of them up to that time, and no time twice.
        const toMs = completeToMs ?? Infinity;
        expect(part.filter(({ time }) => time <= toMs)).toEqual(since.filter(({ time }) => time <= toMs));
        expect(toMs).toBeGreaterThan(startMs);
        calls.push({ count: part.length, requests: requests() });
        fromMs = completeToMs;
      }
      expect([...found.values()]).toEqual(fills);
      return calls;
    }

    const many = (count: number, timeOf: (index: number) => number): readonly Fill[] =>
      Array.from({ length: count }, (_, index) => fillAt(timeOf(index), index));

    it.each([true, false])('returns the oldest part and its end, until all are read (%s)', async (inclusive) => {
      const calls = await readAll(
        many(25_000, (index) => index * 10),
        0,
        inclusive,
      );
      expect(calls.length).toBeLessThanOrEqual(4);
      expect(Math.max(...calls.map(({ count }) => count))).toBeLessThanOrEqual(10_000);
      expect(calls.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(700);
    });

    const MONTH_MS = 30 * 86_400_000;
    it.each([
      ['all within a minute at the end of a month', (index: number) => MONTH_MS + index * 5],
      ['all within a minute at the beginning of it', (index: number) => (index < 11_999 ? index * 5 : MONTH_MS)],
      ['ninety in a millisecond', (index: number) => Math.floor(index / 90) * 1_000],
    ])('reads them in few calls of few requests: %s', async (_title, timeOf) => {
      for (const inclusive of [true, false]) {
        const calls = await readAll(many(12_000, timeOf), 0, inclusive);
        expect(calls.length).toBeLessThanOrEqual(4);
        expect(calls.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(600);
      }
    });

    it('reads in one call what fits, and in two what is one more', async () => {
      const counts = async (count: number) =>
        (
          await readAll(
            many(count, (index) => index * 10),
            0,
          )
        ).length;
      expect([await counts(9_900), await counts(10_001)]).toEqual([1, 2]);
    });
  });

  it('returns the failure of a later page', async () => {
    const { ask } = venueOf(
      Array.from({ length: 150 }, (_, index) => fillAt(index, index)),
      true,
    );
    const failing: AskFillPage = async (end) =>
      end === undefined ? await ask(end) : { kind: 'rateLimited', retryAfterMs: 5_000 };
    expect(await collectFills(0, failing)).toEqual({ kind: 'rateLimited', retryAfterMs: 5_000 });
  });
});
