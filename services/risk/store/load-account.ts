import { z } from 'zod';
import { approvedOrderMessage, type ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import type { ObservedRelease } from '../../shared/domain/release/active-release.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';
import { APPROVAL_GRACE_MS } from '../../shared/domain/orders/approved.ts';
import type { Account } from '../core/account.ts';
import { activeReleaseRow, SILENT } from './activation/active-release-row.ts';
import { attemptsRow, balanceRow, canaryRow, positionRow, stanceRow, stateRow } from './account/account-rows.ts';
import { readOrders } from './account/order-rows.ts';
import { createRowReader } from './account/row-reader.ts';
import { stopRow } from './account/stop-rows.ts';
import { CANCEL_COLUMNS, cancelRequestRow } from './cancels/cancel-columns.ts';
import { BREAKER_COLUMNS, breakerParts, readBreakerParts } from './breakers/breaker-columns.ts';

/**
 * Approvals of the last second that are looked at: several times the most that a stack may have. Without a bound, the
 * planner expects a third of all decisions there when it plans for any time, so it plans again for each look.
 */
const APPROVALS_MAX = 500;

/**
 * Reads everything that a decision depends on in one statement, so from one snapshot: the newest state of each source,
 * positions, live orders, approvals without an order, balances, accepted stances with their entries, stops, requested
 * cancellations, what breakers need, the canary of the sender, the number of buys approved in the last second, which of
 * some decisions are stored, and which release is active. A balance that was never compared has the time 0. $1 stack,
 * $2 now, $3 deadline up to which an approval without an order no longer counts, $4 decision IDs.
 */
const LOAD_ACCOUNT = `
SELECT
  (SELECT coalesce(json_agg(h), '[]') FROM (
     SELECT source, state, reason FROM trading.trading_states WHERE stack = $1 ORDER BY source) h) AS trading_states,
  (SELECT coalesce(json_agg(p), '[]') FROM (
     SELECT strategy, symbol, quantity::text, cost::text, extract(epoch FROM exit_refused_at) * 1000 AS "exitRefusedAtMs"
     FROM trading.positions WHERE stack = $1) p) AS positions,
  (SELECT coalesce(json_agg(o), '[]') FROM (
     SELECT client_order_id AS "clientOrderId", strategy, symbol, side, type, price::text, quantity::text, filled::text, state,
       reserved_asset AS "reservedAsset", reserved::text, extract(epoch FROM intended_at) * 1000 AS "sinceMs",
       final_executed::text AS "finalExecuted"
     FROM trading.live_orders WHERE stack = $1) o) AS orders,
  (SELECT coalesce(json_agg(approved_order), '[]') FROM risk.open_approvals WHERE stack = $1 AND deadline > $3) AS waiting,
  (SELECT coalesce(json_agg(b), '[]') FROM (
     SELECT asset, ledger::text, coalesce(extract(epoch FROM reconciled_at) * 1000, 0) AS reconciled_at, drifting,
       CASE WHEN venue_free_at IS NOT NULL
       THEN json_build_object('amount', venue_free::text, 'atMs', extract(epoch FROM venue_free_at) * 1000) END AS "venueFree"
     FROM trading.balances WHERE stack = $1) b) AS balances,
  (SELECT coalesce(json_agg(w), '[]') FROM (
     SELECT strategy, symbol, stance, extract(epoch FROM bar_close) * 1000 AS "barClose", extract(epoch FROM changed_at) * 1000 AS "changedAt",
       date_trunc('milliseconds', entry_changed_at) = date_trunc('milliseconds', changed_at) AS entered, entry_count AS count,
       extract(epoch FROM entry_at) * 1000 AS "lastAtMs", entry_quantity::text AS quantity
     FROM risk.stances WHERE stack = $1) w) AS stances,
  (SELECT coalesce(json_agg(s), '[]') FROM (
     SELECT strategy, symbol, extract(epoch FROM opened_at) * 1000 AS opened_at, high_price::text, rules, kind,
       trigger_price::text, trigger_bid::text, entry_price::text, extract(epoch FROM triggered_at) * 1000 AS triggered_at
     FROM risk.stops WHERE stack = $1) s) AS stops,${CANCEL_COLUMNS},${BREAKER_COLUMNS},
  (SELECT json_strip_nulls(to_json(c)) FROM (
     SELECT since, max_notional::text AS "maxNotional", symbols, bought FROM trading.sender_canaries WHERE stack = $1) c) AS canary,
  (SELECT count(*)::int FROM (
     SELECT approved_order ->> 'side' AS side FROM risk.decisions
     WHERE stack = $1 AND approved AND decided_at > $2::timestamptz - interval '1 second' ORDER BY decided_at DESC LIMIT ${APPROVALS_MAX}) a
   WHERE side = 'buy') AS entries_last_second,
  (SELECT coalesce(json_object_agg(decision_id, approved_order), '{}') FROM risk.decisions
   WHERE stack = $1 AND decision_id = ANY ($4::text[])) AS decided,
  (SELECT json_build_object('epoch', epoch, 'release', release, 'isStale',
     heard_at NOT BETWEEN clock_timestamp() - ${SILENT} AND clock_timestamp())
   FROM risk.active_release WHERE stack = $1) AS active
`;

/** The columns as Postgres returns them: each has rows that are read one by one. */
const accountColumns = z.object({
  trading_states: z.unknown(),
  positions: z.unknown(),
  orders: z.unknown(),
  waiting: z.unknown(),
  balances: z.unknown(),
  stances: z.array(z.unknown()),
  stops: z.unknown(),
  cancel_requests: z.unknown(),
  canary: z.unknown(),
  entries_last_second: z.int(),
  decided: z.record(z.string(), z.unknown()),
  active: activeReleaseRow.nullable(),
  ...breakerParts.shape,
});

export interface AccountQuestion {
  readonly stack: string;
  /** UTC milliseconds. */
  readonly nowMs: number;
  /** Decisions that may be stored already. */
  readonly ids: readonly string[];
}

export interface LoadedAccount {
  readonly account: Account;
  /** The stored ones of the decisions: undefined for those that refused, and for an order of another release. */
  readonly decided: ReadonlyMap<string, ApprovedOrderPayload | undefined>;
  /** Undefined while no release is active. */
  readonly active: ObservedRelease | undefined;
}

export async function loadAccount(on: Queryable, { stack, nowMs, ids }: AccountQuestion): Promise<LoadedAccount> {
  const values = [stack, new Date(nowMs), new Date(nowMs - APPROVAL_GRACE_MS), [...ids]];
  const { rows } = await on.query({ name: 'load-account', text: LOAD_ACCOUNT, values });
  const { decided, active, ...row } = accountColumns.parse(rows[0]);
  return {
    account: accountOf(row),
    active: active ?? undefined,
    decided: new Map(Object.entries(decided).map(([id, order]) => [id, payloadOf(order)])),
  };
}

/** Returns the stored order unchanged, as it was published. Execution reads one that we cannot read from Postgres. */
function payloadOf(order: unknown): ApprovedOrderPayload | undefined {
  return approvedOrderMessage.safeParse(order).success ? (order as ApprovedOrderPayload) : undefined;
}

function accountOf(row: Omit<z.output<typeof accountColumns>, 'decided' | 'active'>): Account {
  const reader = createRowReader();
  const positions = reader.all('trading.positions', row.positions, positionRow);
  return {
    tradingStates: reader.all('trading.trading_states', row.trading_states, stateRow),
    positions,
    ...readOrders(reader, row, positions),
    balances: reader.all('trading.balances', row.balances, balanceRow),
    entriesLastSecond: row.entries_last_second,
    stances: reader.all('risk.stances', row.stances, stanceRow),
    entryAttempts: reader.all('risk.stances', row.stances.filter(hasEntered), attemptsRow),
    stops: reader.all('risk.stops', row.stops, stopRow),
    cancelRequests: reader.all('risk.cancel_requests', row.cancel_requests, cancelRequestRow),
    ...readBreakerParts(reader, row),
    canary: reader.one('trading.sender_canaries', row.canary, canaryRow),
    unread: reader.unread,
  };
}

/** Whether the entries in a row of stances are of its stance. */
function hasEntered(row: unknown): boolean {
  return typeof row === 'object' && row !== null && 'entered' in row && row.entered === true;
}
