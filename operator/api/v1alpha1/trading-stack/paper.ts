import { z } from 'zod';
import { intField, nonNegativeDecimalField, positiveDecimalField, symbolField } from '../fields.ts';
import { listKeyedBy, validated } from '../validation-rule.ts';

/** What the simulated venue says of a pair, where it is not the default. */
const instrumentRules = z
  .strictObject({
    symbol: symbolField('An instrument of the stack.'),
    tickSize: positiveDecimalField('Smallest step of a price.').default('0.00000001'),
    lotSize: positiveDecimalField('Smallest step of a quantity.').default('0.1'),
    minQuantity: nonNegativeDecimalField('Least quantity of an order.').default('0.1'),
    minNotional: nonNegativeDecimalField('Least notional of an order.').default('0.001'),
    maxNotional: positiveDecimalField('Greatest notional of an order.').default('2000000'),
    makerFee: nonNegativeDecimalField('Fraction: "0.001" is 10 basis points.').default('0'),
    takerFee: nonNegativeDecimalField('Fraction: "0.001" is 10 basis points.').default('0.0005'),
  })
  .meta({ description: 'Rules of a pair at the simulated venue.' });

/** The simulated account and market of the mode Paper. */
export const paperSpec = z
  .strictObject({
    balances: z.record(z.string().min(1).max(20), nonNegativeDecimalField('Amount of the asset.')).meta({
      description: 'Opening balances by asset.',
      minProperties: 1,
      maxProperties: 30,
      ...validated({
        rule: 'self == oldSelf',
        message: 'is immutable: opening balances are part of the books; make a new stack',
      }),
    }),
    seed: intField('Seed of the simulated makers.', 0, 4_294_967_295).default(1),
    requoteMs: intField('How often the simulated makers refresh their quotes.', 10, 60_000).default(500),
    instruments: z
      .array(instrumentRules)
      .max(15)
      .default([])
      .meta({ description: 'Pairs whose rules differ from the defaults.', ...listKeyedBy('symbol') }),
  })
  .meta({ description: 'The simulated account and market.' });
export type PaperInstrumentRules = z.output<typeof instrumentRules>;

/** The rules of a pair that `paper.instruments` does not name. */
export function defaultInstrumentRules(symbol: string): PaperInstrumentRules {
  return instrumentRules.parse({ symbol });
}
