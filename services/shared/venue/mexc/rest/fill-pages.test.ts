import { array, assert, asyncProperty, boolean, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ONE, ZERO } from '../../../domain/decimal.ts';
import type { Fill } from '../../../domain/fill.ts';
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

/** The venue's fills, oldest first, in pages; `inclusive`: whether a page has fills of its end. */
function venueOf(fills: readonly Fill[], inclusive: boolean): { ask: AskFillPage; asked: () => number } {
  let asked = 0;
  const ask: AskFillPage = async (endTimeMs = Infinity) => {
    asked += 1;
    const upTo = fills.filter(({ time }) => (inclusive ? time <= endTimeMs : time < endTimeMs));
    return await Promise.resolve({ kind: 'ok', value: upTo.slice(-FILLS_PER_PAGE).reverse() });
  };
  return { ask, asked: () => asked };
}

describe('collectFills', () => {
  it('gives every fill once and oldest first, whichever way the venue reads the end', async () => {
    const gaps = array(integer({ min: 0, max: 3 }), { maxLength: 450 });
    await assert(
      asyncProperty(gaps, boolean(), async (steps, inclusive) => {
        // No more than a few fills share a millisecond.
        let time = 1_000;
        const fills = steps.map((step, index) => fillAt((time += index % 20 === 0 ? step + 1 : step), index));
        const { ask } = venueOf(fills, inclusive);
        expect(await collectFills(ask)).toEqual({ kind: 'ok', value: fills });
      }),
      { numRuns: 100 },
    );
  });

  it('asks once where one page is enough', async () => {
    const { ask, asked } = venueOf([fillAt(1, 1)], true);
    expect(await collectFills(ask)).toMatchObject({ kind: 'ok', value: [{ venueTradeId: 'T1' }] });
    expect(asked()).toBe(1);
  });

  it('claims nothing where more fills share a moment than a page holds', async () => {
    const crowd = Array.from({ length: 150 }, (_, index) => fillAt(5, index));
    const { ask, asked } = venueOf(crowd, true);
    expect(await collectFills(ask)).toEqual({
      kind: 'unknown',
      reason: 'a page of fills does not reach back further',
    });
    expect(asked()).toBe(2);
  });

  it('ends after a bounded number of pages', async () => {
    const many = Array.from({ length: 12_000 }, (_, index) => fillAt(index * 10, index));
    const { ask, asked } = venueOf(many, true);
    expect(await collectFills(ask)).toEqual({ kind: 'unknown', reason: 'more than 100 pages of fills' });
    expect(asked()).toBe(100);
  });

  it('hands on what a later page failed with', async () => {
    const { ask } = venueOf(
      Array.from({ length: 150 }, (_, index) => fillAt(index, index)),
      true,
    );
    const failing: AskFillPage = async (end) =>
      end === undefined ? await ask(end) : { kind: 'rateLimited', retryAfterMs: 5_000 };
    expect(await collectFills(failing)).toEqual({ kind: 'rateLimited', retryAfterMs: 5_000 });
  });
});
