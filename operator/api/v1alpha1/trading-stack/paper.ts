import { z } from 'zod';
import { SYMBOLS_MAX } from '../../../../services/shared/contracts/field.ts';
import { balancesField } from './balances.ts';
import { intField, nonNegativeDecimalField, positiveDecimalField, symbolField } from '../fields.ts';
import { listKeyedBy } from '../validation-rule.ts';

/** Exchange rules of a pair at the simulated venue. */
const instrumentRules = z
  .object({
    symbol: symbolField('Trading pair, BASE/QUOTE. Must be listed in spec.instruments.'),
    tickSize: positiveDecimalField('Tick size: the smallest price increment, in the quote asset.').default(
      '0.00000001',
    ),
    lotSize: positiveDecimalField('Lot size: the smallest quantity increment, in the base asset.').default('0.1'),
    minQuantity: nonNegativeDecimalField('Minimum order quantity, in the base asset.').default('0.1'),
    minNotional: nonNegativeDecimalField('Minimum order notional, in the quote asset.').default('0.001'),
    maxNotional: positiveDecimalField('Maximum order notional, in the quote asset.').default('2000000'),
    makerFee: nonNegativeDecimalField('Maker fee as a fraction: "0.001" is 10 basis points.').default('0'),
    takerFee: nonNegativeDecimalField('Taker fee as a fraction: "0.001" is 10 basis points.').default('0.0005'),
  })
  .meta({ description: 'Exchange rules of one trading pair at the simulated venue.' });

/** The simulated account and market of mode Paper. */
export const paperSpec = z
  .object({
    balances: balancesField,
    seed: intField('Seed of the random numbers of the simulated market makers.', 0, 4_294_967_295).default(1),
    requoteMs: intField(
      'Interval at which the simulated market makers refresh their quotes, in milliseconds.',
      10,
      60_000,
    ).default(500),
    faults: z
      .boolean()
      .meta({
        description:
          'Whether the simulated exchange accepts faults on demand: deposits, price shocks, delistings and cuts of its ' +
          'streams. For tests. Default: false.',
      })
      .exactOptional(),
    instruments: z
      .array(instrumentRules)
      .max(SYMBOLS_MAX)
      .default([])
      .meta({ description: 'Trading pairs whose exchange rules differ from the defaults.', ...listKeyedBy('symbol') }),
  })
  .meta({ description: 'Simulated account and market; used in mode Paper only.' });
export type PaperInstrumentRules = z.output<typeof instrumentRules>;

/** Default exchange rules, for a pair that `paper.instruments` does not list. */
export function defaultInstrumentRules(symbol: string): PaperInstrumentRules {
  return instrumentRules.parse({ symbol });
}
