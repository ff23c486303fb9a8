import { z } from 'zod';
import { ORDER_TYPES, type OrderType } from '../../domain/orders/order.ts';
import { nonNegativeDecimal, positiveDecimal, symbol } from '../field.ts';
import { orderType } from './approved-order.ts';

const ORDER_TYPES_READ_MAX = 40;

/** Value in the hash `md.instruments`: trading rules of a pair as the venue publishes them. */
export const instrumentMessage = z.object({
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
  /** Absent: unknown. A release before them does not write it. One that a newer release adds is left out. */
  orderTypes: z
    .array(z.string().min(1).max(40))
    .max(ORDER_TYPES_READ_MAX)
    .transform((types): OrderType[] => types.filter(isOrderType))
    .exactOptional(),
});

/** The same as we write it: no other field, and no other order type. */
export const instrumentDocument = z.strictObject({
  ...instrumentMessage.shape,
  orderTypes: z.array(orderType).max(ORDER_TYPES.length).exactOptional(),
});
export type InstrumentPayload = z.input<typeof instrumentDocument>;

function isOrderType(type: string): type is OrderType {
  return (ORDER_TYPES as readonly string[]).includes(type);
}
