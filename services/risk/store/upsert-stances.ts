import type { Queryable } from '../../shared/postgres/pool.ts';
import type { WantedStance } from '../core/stances/wanted-stance.ts';

/**
 * Never goes back to an older bar, whoever writes. $1 stack; one array per column: $2 strategy, $3 symbol, $4 stance,
 * $5 bar close, $6 changed at.
 */
const UPSERT_STANCES = `
INSERT INTO risk.stances AS s (stack, strategy, symbol, stance, bar_close, changed_at)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
ON CONFLICT (stack, strategy, symbol) DO UPDATE
SET stance = EXCLUDED.stance, bar_close = EXCLUDED.bar_close, changed_at = EXCLUDED.changed_at
WHERE s.bar_close < EXCLUDED.bar_close
`;

/** Keeps the stances that were accepted last. */
export async function upsertStances(on: Queryable, stack: string, wants: readonly WantedStance[]): Promise<void> {
  const rows = newestOf(wants);
  if (rows.length === 0) return;
  const values = [
    stack,
    rows.map(({ strategy }) => strategy),
    rows.map(({ symbol }) => symbol),
    rows.map(({ stance }) => stance),
    rows.map(({ barClose }) => new Date(barClose)),
    rows.map(({ changedAt }) => new Date(changedAt)),
  ];
  await on.query({ name: 'upsert-stances', text: UPSERT_STANCES, values });
}

/** One statement cannot change a row twice. Of two stances of the same bar the first remains. */
function newestOf(wants: readonly WantedStance[]): readonly WantedStance[] {
  const newest = new Map<string, WantedStance>();
  for (const one of wants) {
    const key = `${one.strategy} ${one.symbol}`;
    if ((newest.get(key)?.barClose ?? -1) < one.barClose) newest.set(key, one);
  }
  return [...newest.values()];
}
