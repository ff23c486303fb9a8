import { formatDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { EquityRecord } from '../../core/breakers/breaker.ts';

/**
 * Another process may have moved the baselines since this one read them: then nothing is written. $1 stack, $2 revision
 * that was read, 0 for none, $3 currency, $4 assets, $5 equity, $6 day, $7 start of the day, $8 peak, $9 transfers, $10
 * fees, $11 rates.
 */
const SAVE_EQUITY = `
INSERT INTO risk.equity AS e (stack, revision, currency, assets, equity, day, day_start, peak, transfers, fees, rates, rates_revision)
SELECT $1, $2::bigint + 1, $3, $4::text[], $5::numeric, $6::timestamptz, $7::numeric, $8::numeric, $9::jsonb, $10::jsonb, $11::jsonb, $2::bigint + 1
WHERE $2 = 0 OR EXISTS (SELECT FROM risk.equity WHERE stack = $1)
ON CONFLICT (stack) DO UPDATE SET revision = excluded.revision, currency = excluded.currency, assets = excluded.assets,
  equity = excluded.equity, day = excluded.day, day_start = excluded.day_start, peak = excluded.peak,
  transfers = excluded.transfers, fees = excluded.fees, rates = excluded.rates,
  rates_revision = excluded.rates_revision, updated_at = clock_timestamp()
WHERE e.revision = $2
`;

/** Replaces the record of this revision by its successor. Returns whether it did. */
export async function saveEquity(on: Queryable, stack: string, record: EquityRecord): Promise<boolean> {
  const { revision, currency, assets, equity, dayMs, dayStart, peak, transfers, fees, rates } = record;
  const values = [
    currency,
    assets,
    formatDecimal(equity),
    new Date(dayMs),
    formatDecimal(dayStart),
    formatDecimal(peak),
    textOf(transfers),
    textOf(fees),
    textOf(rates),
  ];
  const { rowCount } = await on.query(SAVE_EQUITY, [stack, revision, ...values]);
  return rowCount === 1;
}

function textOf(amounts: ReadonlyMap<string, Decimal>): string {
  return JSON.stringify(Object.fromEntries([...amounts].map(([asset, amount]) => [asset, formatDecimal(amount)])));
}
