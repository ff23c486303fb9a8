import type { Pool } from 'pg';
import { add, formatDecimal, parseDecimal } from '../../services/shared/domain/decimal.ts';
import { TEST_STACK } from '../fixtures/approved-orders.ts';
import type { ApprovalRow } from './course-violations.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import { evidenceQueries, type KeyedAmount } from './evidence-queries.ts';
import { violationsOf, type Evidence, type OrderRow, type TradeRow } from './invariants.ts';
import { unfinishedOrders } from './unfinished-orders.ts';
import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';

/** Allows for a killed or fenced sender, whose successor queries the venue before it concludes an order. */
const END_BOUND_MS = 20_000;

/** Reads the simulator's log and accounts, and the database's rows. */
export async function gatherOrderPathEvidence(restUrl: string, pool: Pool): Promise<Evidence> {
  const log = await venueLog(restUrl);
  const { balances } = await json<{ balances: { asset: string; free: string; locked: string }[] }>(
    `${restUrl}/simulator/accounts`,
  );
  const read = async <T>(sql: string): Promise<readonly T[]> =>
    (await pool.query(sql, [TEST_STACK])).rows as readonly T[];
  const sql = evidenceQueries('$1');
  const orders = await read<OrderRow>(sql.orders);
  const trades = await read<TradeRow>(sql.trades);
  const positions = await read<KeyedAmount>(sql.positions);
  const ledger = await read<KeyedAmount>(sql.ledger);
  const approvals = await read<ApprovalRow>(sql.approvals);
  const steps = await read<OrderStep>(sql.steps);
  const held = balances.map(({ asset, free, locked }) => [
    asset,
    formatDecimal(add(parseDecimal(free), parseDecimal(locked))),
  ]);
  return {
    log,
    orders,
    trades,
    positions: Object.fromEntries(positions.map(({ key, value }) => [key, value])),
    ledger: Object.fromEntries(ledger.map(({ key, value }) => [key, value])),
    venue: Object.fromEntries(held) as Record<string, string>,
    course: { approvals, steps, endBoundMs: END_BOUND_MS },
  };
}

/** Returns violations of the invariants, and orders that have not ended. */
export async function orderPathFaults(restUrl: string, pool: Pool): Promise<readonly string[]> {
  const evidence = await gatherOrderPathEvidence(restUrl, pool);
  return [...violationsOf(evidence), ...unfinishedOrders(evidence.orders)];
}

/** Returns the whole log of the simulator. */
export async function venueLog(restUrl: string): Promise<readonly VenueLogEntry[]> {
  const entries: VenueLogEntry[] = [];
  for (;;) {
    const after = entries.at(-1)?.seq ?? 0;
    const page = await json<{ entries: VenueLogEntry[] }>(`${restUrl}/simulator/log?after=${after}&limit=1000`);
    if (page.entries.length === 0) return entries;
    entries.push(...page.entries);
  }
}

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}
