import type { Pool } from 'pg';
import { z } from 'zod';
import { ORDERS_EVENTS } from '../../../shared/contracts/keys.ts';
import { formatDecimal } from '../../../shared/domain/decimal.ts';
import { TRADING_STATES } from '../../../shared/domain/trading-state.ts';
import { commitStatement, type PreparedStatement } from '../../../shared/postgres/commit-statement.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import type { ExecutionStore, IntentOutcome, IntentRefusal, IntentTerms } from '../../ports.ts';
import { readFence } from '../fence/read-fence.ts';
import { orderEventOf } from '../outbox/insert-outbox.ts';
import { columnsOf } from './order-row.ts';

/**
 * Everything that must hold before an order is sent, in one statement that commits by itself.
 *
 * The update locks the fence until the commit: a grant to another sender and a halt wait for it, and after one of them
 * it finds another row. Nothing is inserted then. It also counts the commits of this record: a database that was
 * restored, or failed over to a replica without the last commits, is behind the count that this process has seen, and
 * takes no order from it. The trading state concerns orders that are about to be sent: one that is never sent, or that
 * is found at the venue, is recorded in any state. The same holds for an entry of a release of risk that is not active,
 * and for one that risk did not count against the bound of the canary of the epoch. Of both, exits are sent.
 *
 * $1 stack, $2 epoch, $3 holder, $4... the order, $21 stream and $22 payload of its message, $23 commits seen,
 * $24 when the order is quoted again, $25 first epoch of the canary that counted it, $26 release of risk that approved
 * it.
 */
const COMMIT_INTENT = `
WITH fence AS (
  UPDATE trading.execution_fence SET commits = commits + 1
  WHERE stack = $1 AND epoch = $2 AND holder = $3 AND commits >= $23
  RETURNING epoch, commits, trading_state,
    $16 <> 'Intended' OR trading_state = 'Active' OR (trading_state IN ('Reducing', 'Flattening') AND $8 = 'sell') AS allowed,
    $16 <> 'Intended' OR $8 = 'sell' OR EXISTS (SELECT FROM risk.active_release a WHERE a.stack = $1 AND a.release = $26) AS admitted,
    $16 = 'Intended' AND $8 = 'buy' AND canary_epoch IS NOT DISTINCT FROM epoch AND canary_since IS DISTINCT FROM $25::bigint AS "isOutside"
), inserted AS (
  INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch,
    risk_hash, deadline, state, venue_order_id, reason, unknown_since, intended_at, requote)
  SELECT $1, $4, $5, $6, $7, $8, $9, $10::numeric, $11::numeric, $12, $13::numeric, fence.epoch, $14, $15::timestamptz, $16, $17, $18, $19::timestamptz,
    $20::timestamptz, $24::jsonb
  FROM fence WHERE fence.allowed AND fence.admitted AND NOT fence."isOutside"
  ON CONFLICT DO NOTHING
  RETURNING client_order_id, state, reason, epoch, intended_at
), event AS (
  INSERT INTO trading.order_events (stack, client_order_id, seq, state, filled, reason, epoch, at)
  SELECT $1, client_order_id, 1, state, 0, reason, epoch, intended_at FROM inserted
), message AS (
  INSERT INTO trading.outbox (stack, stream, payload) SELECT $1, $21, $22::jsonb FROM inserted
)
SELECT commits::float8, trading_state AS state, allowed, admitted, "isOutside", (SELECT count(*)::int FROM inserted) AS orders,
  EXISTS (SELECT FROM risk.active_release WHERE stack = $1) AS active FROM fence`;

const outcomeRow = z.object({
  commits: z.int(),
  state: z.enum(TRADING_STATES),
  allowed: z.boolean(),
  isOutside: z.boolean(),
  orders: z.int(),
  admitted: z.boolean(),
  /** Whether any release of risk is active. */
  active: z.boolean(),
});

/**
 * Returns a function that commits the first row of an order under the fence, with its first event and outbox message.
 * It rejects with CommitUnknownError when the outcome of the commit is unknown.
 */
export function createCommitIntent(pool: Pool, stack: string): ExecutionStore['commitIntent'] {
  let commitsSeen = 0;
  return async (terms, order) => {
    const [row] = await commitStatement(pool, intentStatement(stack, terms, order, commitsSeen));
    if (row === undefined) return await refusalOf(pool, stack, terms);
    const outcome = outcomeRow.parse(row);
    commitsSeen = Math.max(commitsSeen, outcome.commits);
    return outcomeOf(outcome);
  };
}

function outcomeOf({
  state,
  allowed,
  admitted,
  active,
  isOutside,
  orders,
}: z.output<typeof outcomeRow>): IntentOutcome {
  if (!allowed && state !== 'Active') return state;
  if (!admitted) return active ? 'OtherRelease' : 'ReleaseUnknown';
  if (isOutside) return 'OutsideCanary';
  return orders === 1 ? 'Committed' : 'Duplicate';
}

/** The statement found no fence of this sender with all commits that it has seen. */
async function refusalOf(pool: Pool, stack: string, { epoch, holder }: IntentTerms): Promise<IntentRefusal> {
  const fence = await readFence(pool, stack);
  return fence.epoch === epoch && fence.holder === holder ? 'RecordWentBack' : 'Fenced';
}

function requoteText({ requote }: OrderRecord): string | null {
  return requote === undefined ? null : JSON.stringify({ ...requote, above: formatDecimal(requote.above) });
}

/** `commitsSeen`: commits that this process knows the record to have had. */
export function intentStatement(
  stack: string,
  { epoch, holder, counted, approvedBy }: IntentTerms,
  order: OrderRecord,
  commitsSeen: number,
): PreparedStatement {
  const { request, state } = order;
  const { venueOrderId, reason, unknownSince } = columnsOf(state);
  const values = [
    stack,
    epoch,
    holder,
    request.clientOrderId,
    order.decisionId,
    order.strategy,
    request.symbol,
    request.side,
    request.type,
    formatDecimal(request.price),
    formatDecimal(request.quantity),
    order.reservedAsset,
    formatDecimal(order.reserved),
    order.riskHash,
    new Date(order.deadlineMs),
    state.kind,
    venueOrderId,
    reason,
    unknownSince,
    new Date(order.intendedAtMs),
    ORDERS_EVENTS,
    JSON.stringify(orderEventOf(stack, order, { epoch, atMs: order.intendedAtMs })),
    commitsSeen,
    requoteText(order),
    counted ?? null,
    approvedBy ?? null,
  ];
  return { name: 'commit-intent', text: COMMIT_INTENT, values };
}
