import { ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { assetsOf, notionalOf, type Instrument } from '../../../shared/domain/instrument.ts';

/** Assets whose difference can be a drift, each with its tolerance: a smaller difference is none. */
export type Tolerances = ReadonlyMap<string, Decimal>;

type Steps = Pick<Instrument, 'lotSize' | 'tickSize'>;

/**
 * Returns the assets of these instruments with their tolerances: one lot of a base asset, and one lot at one tick of a
 * quote asset, as no order moves less. The smallest applies to an asset of several instruments. It is zero while the
 * rules of an instrument are unknown.
 */
export function tolerancesOf(
  symbols: Iterable<string>,
  instrumentOf: (symbol: string) => Steps | undefined,
): Tolerances {
  const tolerances = new Map<string, Decimal>();
  const limit = (asset: string, amount: Decimal): void => {
    const known = tolerances.get(asset);
    if (known === undefined || amount < known) tolerances.set(asset, amount);
  };
  for (const symbol of symbols) {
    const { base, quote } = assetsOf(symbol);
    const steps = instrumentOf(symbol);
    limit(base, steps?.lotSize ?? ZERO);
    limit(quote, steps === undefined ? ZERO : notionalOf(steps.tickSize, steps.lotSize));
  }
  return tolerances;
}
