import { z } from 'zod';
import { decimal } from '../../../shared/contracts/field.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { Portfolio } from '../../core/portfolio.ts';

/** One statement, so that all of it is of the same snapshot. Triggers keep the counts and the fees. $1 stack. */
const LOAD_PORTFOLIO = `
SELECT coalesce((SELECT rows::float8 FROM trading.record_counts WHERE stack = $1 AND counted = 'orders'), 0) AS orders,
  coalesce((SELECT rows::float8 FROM trading.record_counts WHERE stack = $1 AND counted = 'fills'), 0) AS fills,
  (SELECT coalesce(json_agg(p), '[]') FROM (
     SELECT symbol, sum(quantity)::text AS quantity, sum(cost)::text AS cost, sum(realised)::text AS realised
     FROM trading.positions WHERE stack = $1 GROUP BY symbol ORDER BY symbol) p) AS positions,
  (SELECT coalesce(json_object_agg(asset, third_asset::text ORDER BY asset), '{}')
   FROM trading.fee_totals WHERE stack = $1 AND third_asset <> 0) AS fees`;

const portfolioRow = z.object({
  orders: z.int(),
  fills: z.int(),
  positions: z.array(z.object({ symbol: z.string(), quantity: decimal, cost: decimal, realised: decimal })),
  fees: z.record(z.string(), decimal),
});

export async function loadPortfolio(on: Queryable, stack: string): Promise<Portfolio> {
  const { rows } = await on.query(LOAD_PORTFOLIO, [stack]);
  const { fees, ...portfolio } = portfolioRow.parse(rows[0]);
  return { ...portfolio, thirdAssetFees: new Map(Object.entries(fees)) };
}
