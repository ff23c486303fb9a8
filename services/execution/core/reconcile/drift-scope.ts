import { divide, divideBigint, maximum, minimum, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { assetsOf, notionalOf, type Instrument } from '../../../shared/domain/instrument.ts';

/** Assets whose difference can be a drift, each with its tolerance: a smaller difference is none. */
export type Tolerances = ReadonlyMap<string, Decimal>;

type Rules = Pick<Instrument, 'lotSize' | 'tickSize' | 'minNotional'>;

/** What the tolerances follow from. `marks` has last known prices by symbol. */
export interface ToleranceInputs {
  readonly instrumentOf: (symbol: string) => Rules | undefined;
  readonly marks: ReadonlyMap<string, Decimal>;
}

/** A rebate or interest is less, and a wrong fee of an order exceeds it within a few orders: differences add up. */
const PARTS_OF_MIN_NOTIONAL = 10n;

/**
 * Returns the assets of these instruments with their tolerances: a tenth of the venue's minimum notional, and at least
 * one lot of a base asset, and one lot at one tick of a quote asset. While the price is unknown, the tolerance of a
 * base asset is one lot. The smallest applies to an asset of several instruments. Those with unknown rules do not
 * count, so that a delisted one stops no other; in an asset of no others, nothing is tolerated.
 */
export function tolerancesOf(symbols: Iterable<string>, inputs: ToleranceInputs): Tolerances {
  const tolerances = new Map<string, Decimal>();
  const limit = (asset: string, amount: Decimal): void => {
    const known = tolerances.get(asset) ?? ZERO;
    tolerances.set(asset, known === ZERO || amount === ZERO ? maximum(known, amount) : minimum(known, amount));
  };
  for (const symbol of symbols) {
    const { base, quote } = assetsOf(symbol);
    const ofInstrument = amountsOf(inputs.instrumentOf(symbol), inputs.marks.get(symbol) ?? ZERO);
    limit(base, ofInstrument.base);
    limit(quote, ofInstrument.quote);
  }
  return tolerances;
}

function amountsOf(rules: Rules | undefined, mark: Decimal): { readonly base: Decimal; readonly quote: Decimal } {
  if (rules === undefined) return { base: ZERO, quote: ZERO };
  const { lotSize, tickSize, minNotional } = rules;
  const value = divideBigint(minNotional, PARTS_OF_MIN_NOTIONAL, 'floor') as Decimal;
  return {
    base: mark > ZERO ? maximum(lotSize, divide(value, mark, 'floor')) : lotSize,
    quote: maximum(value, notionalOf(tickSize, lotSize)),
  };
}
