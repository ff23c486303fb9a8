import { z } from 'zod';
import { decimal, nonNegativeDecimal, positiveDecimal, side, timeMs } from '../../shared/contracts/field.ts';
import {
  approvedOrderMessage,
  orderType,
  type ApprovedOrderPayload,
} from '../../shared/contracts/messages/approved-order.ts';
import { STANCES } from '../../shared/domain/stance.ts';
import { STOP_KINDS } from '../../shared/domain/stop.ts';
import { TRADING_STATES } from '../../shared/domain/trading-state.ts';
import { ORDER_STATE_KINDS } from '../../shared/domain/orders/order.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';
import { APPROVAL_GRACE_MS } from '../../shared/domain/orders/approved.ts';
import type { Account } from '../core/account.ts';
import type { StopRecord, TriggeredStop } from '../core/stops/stop-record.ts';
import { CANCEL_COLUMNS, cancelRequestRow } from './cancels/cancel-columns.ts';
import { BREAKER_COLUMNS, breakerColumns, breakerParts } from './breakers/breaker-columns.ts';

/**
 * Approvals of the last second that are looked at: several times the most that a stack may have. Without a bound, the
 * planner expects a third of all decisions there when it plans for any time, so it plans again for each look.
 */
const APPROVALS_MAX = 500;

/**
 * Reads everything that a decision depends on in one statement, so from one snapshot: the newest state of each source,
 * positions, live orders, approvals without an order, balances, accepted stances with their entries, stops, requested
 * cancellations, what breakers need, the number of buys approved in the last second, and which of some decisions are
 * stored. A balance that was never compared has the time 0. $1 stack, $2 now, $3 deadline up to which an approval
 * without an order no longer counts, $4 decision IDs.
 */
const LOAD_ACCOUNT = `
SELECT
  (SELECT coalesce(json_agg(h), '[]') FROM (
     SELECT source, state, reason FROM trading.trading_states WHERE stack = $1 ORDER BY source) h) AS trading_states,
  (SELECT coalesce(json_agg(p), '[]') FROM (
     SELECT strategy, symbol, quantity::text, cost::text, extract(epoch FROM exit_refused_at) * 1000 AS "exitRefusedAtMs"
     FROM trading.positions WHERE stack = $1) p) AS positions,
  (SELECT coalesce(json_agg(o), '[]') FROM (
     SELECT client_order_id, strategy, symbol, side, type, price::text, quantity::text, filled::text, state, reserved_asset, reserved::text
     FROM trading.live_orders WHERE stack = $1) o) AS orders,
  (SELECT coalesce(json_agg(approved_order), '[]') FROM risk.open_approvals WHERE stack = $1 AND deadline > $3) AS waiting,
  (SELECT coalesce(json_agg(b), '[]') FROM (
     SELECT asset, ledger::text, coalesce(extract(epoch FROM reconciled_at) * 1000, 0) AS reconciled_at, drifting,
       CASE WHEN venue_free_at IS NOT NULL
       THEN json_build_object('amount', venue_free::text, 'atMs', extract(epoch FROM venue_free_at) * 1000) END AS "venueFree"
     FROM trading.balances WHERE stack = $1) b) AS balances,
  (SELECT coalesce(json_agg(w), '[]') FROM (
     SELECT strategy, symbol, stance, extract(epoch FROM bar_close) * 1000 AS "barClose", extract(epoch FROM changed_at) * 1000 AS "changedAt"
     FROM risk.stances WHERE stack = $1) w) AS stances,
  (SELECT coalesce(json_agg(e), '[]') FROM (
     SELECT strategy, symbol, extract(epoch FROM changed_at) * 1000 AS "changedAt", entry_count AS count,
       extract(epoch FROM entry_at) * 1000 AS "lastAtMs", entry_quantity::text AS quantity
     FROM risk.stances WHERE stack = $1 AND entry_changed_at = changed_at) e) AS entry_attempts,
  (SELECT coalesce(json_agg(s), '[]') FROM (
     SELECT strategy, symbol, extract(epoch FROM opened_at) * 1000 AS opened_at, high_price::text, kind,
       trigger_price::text, trigger_bid::text, entry_price::text, extract(epoch FROM triggered_at) * 1000 AS triggered_at
     FROM risk.stops WHERE stack = $1) s) AS stops,${CANCEL_COLUMNS},${BREAKER_COLUMNS},
  (SELECT count(*)::int FROM (
     SELECT approved_order ->> 'side' AS side FROM risk.decisions
     WHERE stack = $1 AND approved AND decided_at > $2::timestamptz - interval '1 second' ORDER BY decided_at DESC LIMIT ${APPROVALS_MAX}) a
   WHERE side = 'buy') AS entries_last_second,
  (SELECT coalesce(json_object_agg(decision_id, approved_order), '{}') FROM risk.decisions
   WHERE stack = $1 AND decision_id = ANY ($4::text[])) AS decided
`;

const stopRow = z.object({
  strategy: z.string(),
  symbol: z.string(),
  opened_at: timeMs,
  high_price: decimal.nullable(),
  kind: z.enum(STOP_KINDS).nullable(),
  trigger_price: decimal.nullable(),
  trigger_bid: decimal.nullable(),
  entry_price: decimal.nullable(),
  triggered_at: timeMs.nullable(),
});

const accountRow = z.object({
  trading_states: z.array(z.object({ source: z.string(), state: z.enum(TRADING_STATES), reason: z.string() })),
  positions: z.array(
    z.object({
      strategy: z.string(),
      symbol: z.string(),
      quantity: decimal,
      cost: decimal,
      exitRefusedAtMs: timeMs.nullable().transform((atMs) => atMs ?? undefined),
    }),
  ),
  orders: z.array(
    z.object({
      client_order_id: z.string(),
      strategy: z.string(),
      symbol: z.string(),
      side,
      type: orderType,
      price: positiveDecimal,
      quantity: positiveDecimal,
      filled: nonNegativeDecimal,
      state: z.enum(ORDER_STATE_KINDS),
      reserved_asset: z.string(),
      reserved: nonNegativeDecimal,
    }),
  ),
  waiting: z.array(
    z.object({
      clientOrderId: z.string(),
      strategy: z.string(),
      symbol: z.string(),
      side,
      type: orderType,
      price: positiveDecimal,
      quantity: positiveDecimal,
    }),
  ),
  balances: z.array(
    z.object({
      asset: z.string(),
      ledger: decimal,
      reconciled_at: z.number(),
      venueFree: z
        .object({ amount: decimal, atMs: timeMs })
        .nullable()
        .transform((free) => free ?? undefined),
      drifting: z.boolean(),
    }),
  ),
  stances: z.array(
    z.object({
      strategy: z.string(),
      symbol: z.string(),
      stance: z.enum(STANCES),
      barClose: timeMs,
      changedAt: timeMs,
    }),
  ),
  entry_attempts: z.array(
    z.object({
      strategy: z.string(),
      symbol: z.string(),
      changedAt: timeMs,
      count: z.int(),
      lastAtMs: timeMs,
      quantity: positiveDecimal,
    }),
  ),
  stops: z.array(stopRow),
  cancel_requests: z.array(cancelRequestRow),
  entries_last_second: z.int(),
  decided: z.record(z.string(), z.unknown()),
  ...breakerColumns.shape,
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
  /** The stored ones of the decisions: undefined for those that refused. */
  readonly decided: ReadonlyMap<string, ApprovedOrderPayload | undefined>;
}

export async function loadAccount(on: Queryable, { stack, nowMs, ids }: AccountQuestion): Promise<LoadedAccount> {
  const values = [stack, new Date(nowMs), new Date(nowMs - APPROVAL_GRACE_MS), [...ids]];
  const { rows } = await on.query({ name: 'load-account', text: LOAD_ACCOUNT, values });
  const { decided, ...row } = accountRow.parse(rows[0]);
  return {
    account: accountOf(row),
    decided: new Map(Object.entries(decided).map(([id, order]) => [id, payloadOf(order)])),
  };
}

/** Returns the stored order unchanged, as it was published. Throws when it is not a valid order. */
function payloadOf(order: unknown): ApprovedOrderPayload | undefined {
  if (order === null) return undefined;
  approvedOrderMessage.parse(order);
  return order as ApprovedOrderPayload;
}

function accountOf(row: Omit<z.output<typeof accountRow>, 'decided'>): Account {
  const {
    trading_states: tradingStates,
    positions,
    orders,
    waiting,
    balances,
    stances,
    entry_attempts: entryAttempts,
    stops,
    cancel_requests: cancelRequests,
    entries_last_second: entriesLastSecond,
    ...forBreakers
  } = row;
  return {
    tradingStates,
    positions,
    liveOrders: orders.map(({ client_order_id: clientOrderId, reserved_asset: reservedAsset, ...order }) => ({
      ...order,
      clientOrderId,
      reservedAsset,
    })),
    openApprovals: waiting,
    balances: balances.map(({ reconciled_at: reconciledAtMs, ...balance }) => ({ ...balance, reconciledAtMs })),
    entriesLastSecond,
    stances,
    entryAttempts,
    stops: stops.map(stopOfRow),
    cancelRequests,
    ...breakerParts(forBreakers),
  };
}

function stopOfRow(row: z.output<typeof stopRow>): StopRecord {
  const { strategy, symbol, opened_at: openedAtMs, high_price: highPrice, kind, triggered_at: atMs } = row;
  const { trigger_price: level, trigger_bid: bid, entry_price: entryPrice } = row;
  const triggered: TriggeredStop | undefined =
    kind === null || atMs === null
      ? undefined
      : { kind, level: level ?? undefined, bid: bid ?? undefined, entryPrice: entryPrice ?? undefined, atMs };
  return { strategy, symbol, openedAtMs, highPrice: highPrice ?? undefined, triggered };
}
