import { z } from 'zod';
import { decimal } from '../../../shared/contracts/field.ts';
import { BREAKERS } from '../../../shared/domain/breaker.ts';
import { VENUE_FAILURES } from '../../../shared/domain/venue-health.ts';
import type { Account } from '../../core/account.ts';
import type { TrippedBreaker } from '../../core/breakers/breaker.ts';
import { readTime } from '../account/account-rows.ts';
import type { RowKind, RowReader } from '../account/row-reader.ts';

/** The columns of the account's statement that breakers need. $1 stack. */
export const BREAKER_COLUMNS = `
  (SELECT json_build_object('revision', revision, 'currency', currency, 'assets', assets, 'equity', equity::text,
     'day', extract(epoch FROM day) * 1000, 'day_start', day_start::text, 'peak', peak::text, 'transfers', transfers, 'fees', fees,
     'rates', CASE WHEN rates_revision = revision THEN rates ELSE '{}' END)
   FROM risk.equity WHERE stack = $1) AS equity,
  (SELECT coalesce(json_agg(b), '[]') FROM (
     SELECT breaker, symbol, extract(epoch FROM tripped_at) * 1000 AS tripped_at, threshold, detail, inputs
     FROM risk.breakers WHERE stack = $1 AND left_at IS NULL ORDER BY breaker, symbol) b) AS breakers,
  (SELECT coalesce(json_agg(r), '[]') FROM (
     SELECT id::text, author, reason FROM risk.breaker_resets WHERE stack = $1 AND handled_at IS NULL ORDER BY risk.breaker_resets.id LIMIT 100) r) AS breaker_resets,
  (SELECT coalesce(json_object_agg(asset, amount), '{}') FROM (
     SELECT asset, sum(amount)::text AS amount FROM trading.transfers WHERE stack = $1 AND booked_at IS NOT NULL GROUP BY asset) t) AS booked,
  (SELECT coalesce(json_object_agg(asset, amount::text), '{}') FROM trading.fee_totals WHERE stack = $1) AS fees,
  (SELECT json_build_object('requests', requests, 'failures', failures, 'timed', timed, 'median_ms', median_ms, 'p95_ms', p95_ms,
     'longest_pause_ms', longest_pause_ms, 'age_ms', greatest(0, extract(epoch FROM clock_timestamp() - observed_at) * 1000))
   FROM trading.venue_health WHERE stack = $1) AS venue_health`;

const amounts = z.record(z.string(), decimal).transform((byAsset) => new Map(Object.entries(byAsset)));

const equityRow = z
  .object({
    revision: z.int(),
    currency: z.string(),
    assets: z.array(z.string()),
    equity: decimal,
    day: readTime,
    day_start: decimal,
    peak: decimal,
    transfers: amounts,
    fees: amounts,
    rates: amounts,
  })
  .transform(({ day: dayMs, day_start: dayStart, ...rest }) => ({ ...rest, dayMs, dayStart }));

const inputs = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const breakerColumns = z.object({
  breaker: z.enum(BREAKERS),
  symbol: z.string(),
  tripped_at: readTime,
  threshold: z.string(),
  detail: z.string(),
  inputs,
});
const damagedBreaker = breakerColumns.extend({
  threshold: z.string().catch(''),
  detail: z.string().catch(''),
  inputs: inputs.catch({}),
});

/** What a breaker was tripped by is for people: without it, it is tripped all the same. */
const breakerRow: RowKind<TrippedBreaker> = {
  schema: breakerColumns.transform(trippedOf),
  salvage: (row) => {
    const { data } = damagedBreaker.safeParse(row);
    return { rows: data === undefined ? [] : [trippedOf(data)] };
  },
};

const resetRow = { schema: z.object({ id: z.string(), author: z.string(), reason: z.string() }) };

const healthRow = z
  .object({
    requests: z.int(),
    failures: z.record(z.enum(VENUE_FAILURES), z.int()),
    timed: z.int(),
    median_ms: z.number().nullable(),
    p95_ms: z.number().nullable(),
    longest_pause_ms: z.number(),
    age_ms: z.number(),
  })
  .transform(({ median_ms: medianMs, p95_ms: p95Ms, longest_pause_ms: longestPauseMs, age_ms: ageMs, ...counts }) => ({
    ...counts,
    medianMs: medianMs ?? undefined,
    p95Ms: p95Ms ?? undefined,
    longestPauseMs,
    ageMs,
  }));

/** The columns as Postgres returns them. */
export const breakerParts = z.object({
  equity: z.unknown(),
  breakers: z.unknown(),
  breaker_resets: z.unknown(),
  booked: z.unknown(),
  fees: z.unknown(),
  venue_health: z.unknown(),
});

type Parts = Pick<
  Account,
  'equityRecord' | 'breakers' | 'breakerResets' | 'bookedTransfers' | 'feesPaid' | 'venueHealth'
>;

export function readBreakerParts(reader: RowReader, row: z.output<typeof breakerParts>): Parts {
  return {
    equityRecord: reader.one('risk.equity', row.equity, equityRow),
    breakers: reader.all('risk.breakers', row.breakers, breakerRow),
    breakerResets: reader.all('risk.breaker_resets', row.breaker_resets, resetRow),
    bookedTransfers: reader.one('trading.transfers', row.booked, amounts) ?? new Map(),
    feesPaid: reader.one('trading.fee_totals', row.fees, amounts) ?? new Map(),
    venueHealth: reader.one('trading.venue_health', row.venue_health, healthRow),
  };
}

function trippedOf({ tripped_at: trippedAtMs, ...breaker }: z.output<typeof breakerColumns>): TrippedBreaker {
  return { ...breaker, trippedAtMs };
}
