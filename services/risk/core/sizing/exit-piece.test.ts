import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xrpEth } from '../../../../test/fixtures/risk-state.ts';
import { formatDecimal, parseDecimal, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { notionalOf, type Instrument } from '../../../shared/domain/instrument.ts';
import { exitPiece } from './exit-piece.ts';
import { smallestOrder } from './smallest-order.ts';

const d = parseDecimal;
/** A pair in a currency: 0.01 is the lot, and the venue takes orders from 1 on. */
const pair: Instrument = {
  ...xrpEth,
  tickSize: d('0.0001'),
  lotSize: d('0.01'),
  minQuantity: d('0.01'),
  minNotional: d('1'),
  maxNotional: d('2000000'),
};

interface Terms {
  readonly price: Decimal;
  readonly maxOrderNotional: Decimal;
  readonly instrument: Instrument;
}

/** Sells everything in pieces at one price; the last member is what remains. */
function sellAll(held: Decimal, { price, ...limits }: Terms): { readonly pieces: Decimal[]; readonly rest: Decimal } {
  const pieces: Decimal[] = [];
  let rest = held;
  while (rest > ZERO && rest >= smallestOrder(limits.instrument, price) && pieces.length < 200) {
    const piece = exitPiece(rest, price, limits);
    pieces.push(piece);
    rest = subtract(rest, piece);
  }
  return { pieces, rest };
}

function pieces(held: string, change: Partial<Instrument> = {}, price = '0.9995', maxOrderNotional = '50'): string[] {
  const instrument = { ...pair, ...change };
  const sale = sellAll(d(held), { price: d(price), instrument, maxOrderNotional: d(maxOrderNotional) });
  return [...sale.pieces.map(formatDecimal), ...(sale.rest === ZERO ? [] : [`rest ${formatDecimal(sale.rest)}`])];
}

describe('the pieces of an exit add up', () => {
  it.each<[string, string[]]>([
    ['50.02', ['50.02']],
    ['50.40', ['50.4']],
    ['50.99', ['50.99']],
    ['51.50', ['25.75', '25.75']],
    ['100.70', ['50.02', '50.68']],
    ['150', ['50.02', '50.02', '49.96']],
  ])('for %s with 50 an order and a minimum of 1', (held, expected) => {
    expect(pieces(held)).toEqual(expected);
  });

  it('in halves where the venue forbids the piece that takes the rest too', () => {
    expect(pieces('50.40', { maxNotional: d('50') })).toEqual(['25.2', '25.2']);
  });

  it('as far as the venue allows: a rest that no rule of it lets out stays', () => {
    expect(pieces('1.50', { maxNotional: d('1') }, '1')).toEqual(['1', 'rest 0.5']);
  });

  it('in pieces of the minimum where the limit is below it', () => {
    expect(pieces('3.20', {}, '1', '0.5')).toEqual(['1', '1.1', '1.1']);
  });
});

it('sells everything the venue takes, in pieces that it takes, each within the limit plus less than its minimum', () => {
  const amount = (min: number, max: number, unit: string) =>
    fc.integer({ min, max }).map((count) => (BigInt(count) * d(unit)) as Decimal);
  const terms = fc.record({
    held: amount(1, 40_000, '0.01'),
    price: amount(1, 30_000, '0.0001'),
    maxOrderNotional: amount(1, 10_000, '0.01'),
    minNotional: amount(0, 500, '0.01'),
    minQuantity: amount(0, 500, '0.01'),
    maxNotional: amount(20_000, 90_000, '0.01'),
  });
  fc.assert(
    fc.property(terms, ({ held, price, maxOrderNotional, ...rules }) => {
      const instrument = { ...pair, ...rules };
      const smallest = smallestOrder(instrument, price) as Decimal;
      fc.pre(held >= smallest && held < 150n * smallest && notionalOf(price, smallest) * 4n < instrument.maxNotional);
      const sale = sellAll(held, { price, instrument, maxOrderNotional });
      expect(sale.rest).toBe(ZERO);
      for (const piece of sale.pieces) {
        expect(piece % instrument.lotSize).toBe(0n);
        expect(piece >= smallest && notionalOf(price, piece) <= instrument.maxNotional).toBe(true);
        const least = notionalOf(price, smallest);
        const limit = maxOrderNotional > least ? maxOrderNotional : least;
        expect(notionalOf(price, piece) < limit + least).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});
