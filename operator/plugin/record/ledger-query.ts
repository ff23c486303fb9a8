import { z } from 'zod';
import type { RecordQuery } from './query-record.ts';

const ledger = z.object({
  /** Null for a stack that has never had a sender. */
  summary: z
    .object({
      orders: z.number(),
      orders_filled: z.number(),
      fills: z.number(),
      positions: z.array(
        z.object({
          symbol: z.string(),
          currency: z.string(),
          quantity: z.string(),
          mark: z.string().nullable(),
          realised: z.string(),
          unrealised: z.string().nullable(),
        }),
      ),
      third_asset_fees: z.record(z.string(), z.string()),
    })
    .nullable(),
  balances: z.array(
    z.object({
      asset: z.string(),
      ledger: z.string(),
      venue: z.string().nullable(),
      /** Null where the two amounts are not of the same time, or the venue reported none. */
      difference: z.string().nullable(),
      /** When the venue reported its amount. */
      reconciledAt: z.string().nullable(),
      /** Whether the ledger was posted to after that. */
      tradedSince: z.boolean(),
    }),
  ),
  postings: z.array(
    z.object({ event: z.string(), account: z.string(), asset: z.string(), amount: z.string(), at: z.string() }),
  ),
});

/**
 * Summary, balances and the newest postings. Amounts are decimals; `difference` is what the venue has more. The ledger
 * is of now, and the amount of the venue is seconds old: what was traded in between is no difference.
 */
export type RecordedLedger = z.output<typeof ledger>;

export const LEDGER: RecordQuery<RecordedLedger> = {
  sql: `SELECT json_build_object(
  'summary', (SELECT to_json(s) FROM trading.summary s WHERE s.stack = :'stack'),
  'balances', (SELECT coalesce(json_agg(b), '[]') FROM (
    SELECT asset, trim_scale(ledger)::text AS ledger, trim_scale(venue)::text AS venue,
      CASE WHEN posted.at > reconciled_at THEN NULL ELSE trim_scale(venue - ledger)::text END AS difference,
      reconciled_at AS "reconciledAt", coalesce(posted.at > reconciled_at, false) AS "tradedSince"
    FROM trading.balances LEFT JOIN (
      SELECT asset, max(at) AS at FROM trading.ledger_postings
      WHERE stack = :'stack' AND account = 'venue' GROUP BY asset) posted USING (asset)
    WHERE stack = :'stack' ORDER BY asset) b),
  'postings', (SELECT coalesce(json_agg(p), '[]') FROM (
    SELECT event_id AS event, account, asset, trim_scale(amount)::text AS amount, at
    FROM trading.ledger_postings WHERE stack = :'stack' ORDER BY at DESC, event_id, line LIMIT :limit) p));
`,
  schema: ledger,
};
