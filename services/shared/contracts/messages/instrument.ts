import { z } from 'zod';
import { ORDER_TYPES } from '../../domain/orders/order.ts';
import { nonNegativeDecimal, positiveDecimal, symbol } from '../field.ts';
import { orderType } from './approved-order.ts';

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
  /** Absent: unknown. A release before them does not write it. */
  orderTypes: z.array(orderType).max(ORDER_TYPES.length).exactOptional(),
});
export type InstrumentPayload = z.input<typeof instrumentMessage>;
