import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { StopKey } from '../../ports.ts';
import { rulesJson } from './rules-json.ts';

/** $1 stack, $2 strategy, $3 symbol, $4 opened at, $5 rules. */
const CHANGE_RULES = `
UPDATE risk.stops SET rules = $5
WHERE stack = $1 AND strategy = $2 AND symbol = $3 AND date_trunc('milliseconds', opened_at) = $4 AND kind IS NULL
`;

export async function changeStopRules(
  on: Queryable,
  stack: string,
  { strategy, symbol, openedAtMs }: StopKey,
  rules: StopRules | undefined,
): Promise<void> {
  await on.query(CHANGE_RULES, [stack, strategy, symbol, new Date(openedAtMs), rulesJson(rules)]);
}
