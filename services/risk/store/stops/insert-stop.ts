import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { StopKey } from '../../ports.ts';
import { rulesJson } from './rules-json.ts';

/** Another process may have been first: its row stays. $1 stack, $2 strategy, $3 symbol, $4 opened at, $5 rules. */
const INSERT_STOP = `
INSERT INTO risk.stops (stack, strategy, symbol, opened_at, rules) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (stack, strategy, symbol) DO NOTHING
`;

export async function insertStop(on: Queryable, stack: string, key: StopKey, rules: StopRules): Promise<void> {
  const { strategy, symbol, openedAtMs } = key;
  await on.query(INSERT_STOP, [stack, strategy, symbol, new Date(openedAtMs), rulesJson(rules)]);
}
