import { z } from 'zod';
import { nonNegativeDecimal, positiveDecimal, symbol } from '../field.ts';

/** Value in the hash `md.instruments`: trading rules of a pair as the venue publishes them. */
export const instrumentMessage = z.strictObject({
  symbol,
  base: z.string().min(1).max(20),
  quote: z.string().min(1).max(20),
  tickSize: positiveDecimal,
  lotSize: positiveDecimal,
  minQuantity: nonNegativeDecimal,
  minNotional: nonNegativeDecimal,
  maxNotional: positiveDecimal,
  makerFee: nonNegativeDecimal,
  takerFee: nonNegativeDecimal,
});
export type InstrumentPayload = z.input<typeof instrumentMessage>;
