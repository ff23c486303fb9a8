import { z } from 'zod';
import { decimal, timeMs } from '../../../shared/contracts/field.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import { BREAKERS } from '../../../shared/domain/breaker.ts';
import { VENUE_FAILURES } from '../../../shared/domain/venue-health.ts';
import type { Account } from '../../core/account.ts';

/** The columns of the account's statement that breakers need. $1 stack. */
export const BREAKER_COLUMNS = `
  (SELECT json_build_object('revision', revision, 'currency', currency, 'assets', assets, 'equity', equity::text,
     'day', extract(epoch FROM day) * 1000, 'day_start', day_start::text, 'peak', peak::text, 'transfers', transfers, 'fees', fees)
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

const amounts = z.record(z.string(), decimal);

export const breakerColumns = z.object({
  equity: z
    .object({
      revision: z.int(),
      currency: z.string(),
      assets: z.array(z.string()),
      equity: decimal,
      day: timeMs,
      day_start: decimal,
      peak: decimal,
      transfers: amounts,
      fees: amounts,
    })
    .nullable(),
  breakers: z.array(
    z.object({
      breaker: z.enum(BREAKERS),
      symbol: z.string(),
      tripped_at: timeMs,
      threshold: z.string(),
      detail: z.string(),
      inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    }),
  ),
  breaker_resets: z.array(z.object({ id: z.string(), author: z.string(), reason: z.string() })),
  booked: amounts,
  fees: amounts,
  venue_health: z
    .object({
      requests: z.int(),
      failures: z.record(z.enum(VENUE_FAILURES), z.int()),
      timed: z.int(),
      median_ms: z.number().nullable(),
      p95_ms: z.number().nullable(),
      longest_pause_ms: z.number(),
      age_ms: z.number(),
    })
    .nullable(),
});

type Parts = Pick<
  Account,
  'equityRecord' | 'breakers' | 'breakerResets' | 'bookedTransfers' | 'feesPaid' | 'venueHealth'
>;

export function breakerParts(row: z.output<typeof breakerColumns>): Parts {
  return {
    equityRecord: row.equity === null ? undefined : recordOf(row.equity),
    breakers: row.breakers.map(({ tripped_at: trippedAtMs, ...breaker }) => ({ ...breaker, trippedAtMs })),
    breakerResets: row.breaker_resets,
    bookedTransfers: mapOf(row.booked),
    feesPaid: mapOf(row.fees),
    venueHealth: row.venue_health === null ? undefined : healthOfRow(row.venue_health),
  };
}

function mapOf(byAsset: z.output<typeof amounts>): ReadonlyMap<string, Decimal> {
  return new Map(Object.entries(byAsset));
}

function recordOf(row: NonNullable<z.output<typeof breakerColumns>['equity']>): Parts['equityRecord'] {
  const { day: dayMs, day_start: dayStart, transfers, fees, ...rest } = row;
  return { ...rest, dayMs, dayStart, transfers: mapOf(transfers), fees: mapOf(fees) };
}

function healthOfRow(row: NonNullable<z.output<typeof breakerColumns>['venue_health']>): Parts['venueHealth'] {
  const { median_ms: medianMs, p95_ms: p95Ms, longest_pause_ms: longestPauseMs, age_ms: ageMs, ...counts } = row;
  return { ...counts, medianMs: medianMs ?? undefined, p95Ms: p95Ms ?? undefined, longestPauseMs, ageMs };
}
