import type { Queryable } from '../../shared/postgres/pool.ts';
import type { WantedStance } from '../core/stances/wanted-stance.ts';

/**
 * Never goes back to an older bar, whoever writes. $1 stack, $2 strategy, $3 symbol, $4 stance, $5 bar close, $6
 * changed at.
 */
const UPSERT_STANCE = `
INSERT INTO risk.stances AS s (stack, strategy, symbol, stance, bar_close, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (stack, strategy, symbol) DO UPDATE
SET stance = EXCLUDED.stance, bar_close = EXCLUDED.bar_close, changed_at = EXCLUDED.changed_at
WHERE s.bar_close < EXCLUDED.bar_close
`;

/** Keeps the stance that was accepted last. */
export async function upsertStance(on: Queryable, stack: string, wants: WantedStance): Promise<void> {
  const { strategy, symbol, stance, barClose, changedAt } = wants;
  await on.query(UPSERT_STANCE, [stack, strategy, symbol, stance, new Date(barClose), new Date(changedAt)]);
}
