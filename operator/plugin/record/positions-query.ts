import { z } from 'zod';
import type { RecordQuery } from './query-record.ts';

const position = z.object({
  strategy: z.string(),
  symbol: z.string(),
  quantity: z.string(),
  cost: z.string(),
  realised: z.string(),
  updatedAt: z.string(),
});

/** The position of one strategy. Quantity in base; cost and realised profit in quote. */
export type RecordedPosition = z.output<typeof position>;

export const POSITIONS: RecordQuery<readonly RecordedPosition[]> = {
  sql: `SELECT coalesce(json_agg(p), '[]') FROM (
  SELECT strategy, symbol, trim_scale(quantity)::text AS quantity, trim_scale(cost)::text AS cost,
    trim_scale(realised)::text AS realised, updated_at AS "updatedAt"
  FROM trading.positions WHERE stack = :'stack' ORDER BY symbol, strategy LIMIT :limit
) p;
`,
  schema: z.array(position),
};
