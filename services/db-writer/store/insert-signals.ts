import type { SignalMessage } from '../../shared/contracts/messages/signal.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';

/**
 * In the order of the key, so that two replicas that insert the same signals do not deadlock. $1 stack; one array per
 * column.
 */
const INSERT_SIGNALS = `
INSERT INTO trading.signals (stack, signal_id, strategy, symbol, stance, changed_at, bar_close, reference_price, release)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::numeric[], $9::text[])
ORDER BY 2
ON CONFLICT DO NOTHING
`;

/** Inserts the signals and returns how many were new. */
export async function insertSignals(on: Queryable, stack: string, signals: readonly SignalMessage[]): Promise<number> {
  if (signals.length === 0) return 0;
  const { rowCount } = await on.query(INSERT_SIGNALS, [
    stack,
    signals.map(({ id }) => id),
    signals.map(({ strategy }) => strategy),
    signals.map(({ symbol }) => symbol),
    signals.map(({ stance }) => stance),
    signals.map(({ changedAt }) => new Date(changedAt)),
    signals.map(({ barClose }) => new Date(barClose)),
    signals.map(({ referencePrice }) => formatDecimal(referencePrice)),
    signals.map(({ release }) => release),
  ]);
  return rowCount ?? 0;
}
