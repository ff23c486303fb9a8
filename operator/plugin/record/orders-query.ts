import { z } from 'zod';
import type { RecordQuery } from './query-record.ts';

const order = z.object({
  order: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  side: z.string(),
  type: z.string(),
  state: z.string(),
  /** Decimals; null for a market order. */
  price: z.string().nullable(),
  quantity: z.string(),
  filled: z.string(),
  reason: z.string().nullable(),
  intendedAt: z.string(),
});

/** An order of the record. Amounts are decimals in quote per base, and in base. */
export type RecordedOrder = z.output<typeof order>;

const MEMBERS = `client_order_id AS "order", strategy, symbol, side, type, state, trim_scale(price)::text AS price,
    trim_scale(quantity)::text AS quantity, trim_scale(filled)::text AS filled, reason, intended_at AS "intendedAt"`;

const from = (relation: string): RecordQuery<readonly RecordedOrder[]> => ({
  sql: `SELECT coalesce(json_agg(o), '[]') FROM (
  SELECT ${MEMBERS}
  FROM ${relation} WHERE stack = :'stack' ORDER BY intended_at DESC, client_order_id LIMIT :limit
) o;
`,
  schema: z.array(order),
});

/** Orders that have not ended, the newest first. */
export const LIVE_ORDERS = from('trading.live_orders');

/** All orders, the newest first. */
export const ALL_ORDERS = from('trading.orders');
