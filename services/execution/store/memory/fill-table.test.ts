import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import { FillTable } from './fill-table.ts';

const SYMBOLS = ['XRP/ETH', 'BTC/ETH'] as const;
const TRADES = ['1', '2', '3'] as const;
const AMOUNTS = { price: parseDecimal('1'), quantity: parseDecimal('1'), fee: parseDecimal('0'), feeAsset: 'ETH' };
const fill = record({
  symbol: constantFrom(...SYMBOLS),
  venueTradeId: constantFrom(...TRADES),
  clientOrderId: constantFrom('a', 'b'),
  time: integer({ min: 1, max: 100 }),
}).map((given): Fill => ({ ...AMOUNTS, side: 'buy', maker: false, venueOrderId: 'v', ...given }));

it('answers from its indexes as a search of all fills would, in the same order', () => {
  assert(
    property(array(fill), array(fill), (lost, kept) => {
      const table = new FillTable();
      for (const one of lost) table.add(one);
      table.clear();
      for (const one of kept) table.add(one);
      expect(table.all).toEqual(kept);
      for (const symbol of SYMBOLS) {
        const ofSymbol = kept.filter((one) => one.symbol === symbol);
        const newestMs = ofSymbol.length === 0 ? undefined : Math.max(...ofSymbol.map(({ time }) => time));
        expect(table.newestMs(symbol)).toBe(newestMs);
        const times = ofSymbol.map(({ time }) => time).toSorted((a, b) => a - b);
        expect(table.times(symbol, { fromMs: 50, every: 1, count: 1_000 })).toEqual(times.filter((time) => time >= 50));
        for (const id of TRADES)
          expect(table.ofTrade(symbol, id)).toEqual(ofSymbol.filter(({ venueTradeId }) => venueTradeId === id));
      }
    }),
  );
});
