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
        expect(await collectFills(ask)).toEqual({ kind: 'ok', value: fills });
      }),
      { numRuns: 100 },
    );
  });

  it('returns both executions of a trade between two of our orders', async () => {
    const sides = ['V1', 'V2'].map((venueOrderId) => ({ ...fillAt(1, 1), venueOrderId }));
    expect(await collectFills(venueOf(sides, true).ask)).toEqual({ kind: 'ok', value: sides });
  });

  it('sends one request when one page is enough', async () => {
    const { ask, requests } = venueOf([fillAt(1, 1)], true);
    expect(await collectFills(ask)).toMatchObject({ kind: 'ok', value: [{ venueTradeId: 'T1' }] });
    expect(requests()).toBe(1);
  });

  it('returns unknown when more fills share a millisecond than fit a page', async () => {
    const crowd = Array.from({ length: 150 }, (_, index) => fillAt(5, index));
    const { ask, requests } = venueOf(crowd, true);
    expect(await collectFills(ask)).toEqual({
      kind: 'unknown',
      reason: 'page of fills contains no older fill',
    });
    expect(requests()).toBe(2);
  });

  it('stops after a bounded number of pages', async () => {
    const many = Array.from({ length: 12_000 }, (_, index) => fillAt(index * 10, index));
    const { ask, requests } = venueOf(many, true);
    expect(await collectFills(ask)).toEqual({ kind: 'unknown', reason: 'more than 100 pages of fills' });
    expect(requests()).toBe(100);
  });

  it('returns the failure of a later page', async () => {
    const { ask } = venueOf(
      Array.from({ length: 150 }, (_, index) => fillAt(index, index)),
      true,
    );
    const failing: AskFillPage = async (end) =>
      end === undefined ? await ask(end) : { kind: 'rateLimited', retryAfterMs: 5_000 };
    expect(await collectFills(failing)).toEqual({ kind: 'rateLimited', retryAfterMs: 5_000 });
  });
});
