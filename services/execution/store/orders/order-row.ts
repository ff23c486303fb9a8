import { z } from 'zod';
import { requoteTerms } from '../../../shared/contracts/messages/approved-order.ts';
import { nonNegativeDecimal, positiveDecimal, side } from '../../../shared/contracts/field.ts';
import {
  ORDER_STATE_KINDS,
  ORDER_TYPES,
  type OrderState,
  type OrderStateKind,
} from '../../../shared/domain/orders/order.ts';
import type { OrderRecord } from '../../core/order-record.ts';

/** Columns of trading.orders `o` that `orderOfRow` reads, with the trade IDs of the recorded fills. */
export const ORDER_COLUMNS = `
  o.client_order_id, o.decision_id, o.strategy, o.symbol, o.side, o.type, o.price, o.quantity, o.reserved_asset, o.reserved, o.epoch, o.risk_hash,
  o.deadline, o.state, o.venue_order_id, o.filled, o.reason, o.unknown_since, o.intended_at, o.requote, o.final_executed,
  ARRAY(SELECT t.venue_trade_id FROM trading.trades t WHERE t.stack = o.stack AND t.client_order_id = o.client_order_id) AS trade_ids`;

const orderRow = z.object({
  client_order_id: z.string(),
  decision_id: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  side,
  type: z.enum(ORDER_TYPES),
  price: positiveDecimal,
  quantity: positiveDecimal,
  reserved_asset: z.string(),
  reserved: nonNegativeDecimal,
  epoch: z.coerce.number().int(),
  risk_hash: z.string(),
  deadline: z.date(),
  state: z.enum(ORDER_STATE_KINDS),
  venue_order_id: z.string().nullable(),
  filled: nonNegativeDecimal,
  reason: z.string().nullable(),
  unknown_since: z.date().nullable(),
  intended_at: z.date(),
  requote: requoteTerms.nullable(),
  final_executed: nonNegativeDecimal.nullable(),
  trade_ids: z.array(z.string()),
});
type OrderRow = z.output<typeof orderRow>;

/** Converts a row into an order. Throws on a row that this service did not write. */
export function orderOfRow(raw: unknown): OrderRecord {
  const row = orderRow.parse(raw);
  const { symbol, side: of, type, price, quantity } = row;
  return {
    request: { clientOrderId: row.client_order_id, symbol, side: of, type, price, quantity },
    decisionId: row.decision_id,
    strategy: row.strategy,
    epoch: row.epoch,
    deadlineMs: row.deadline.getTime(),
    riskHash: row.risk_hash,
    ...(row.requote !== null && { requote: row.requote }),
    reservedAsset: row.reserved_asset,
    reserved: row.reserved,
    intendedAtMs: row.intended_at.getTime(),
    state: stateOfRow(row),
    filled: row.filled,
    tradeIds: new Set(row.trade_ids),
    ...(row.final_executed !== null && { finalExecuted: row.final_executed }),
  };
}

function stateOfRow(row: OrderRow): OrderState {
  return STATES[row.state](row, row.venue_order_id ?? '');
}

const STATES: Readonly<Record<OrderStateKind, (row: OrderRow, venueOrderId: string) => OrderState>> = {
  Intended: () => ({ kind: 'Intended' }),
  Submitted: () => ({ kind: 'Submitted' }),
  Open: (_row, venueOrderId) => ({ kind: 'Open', venueOrderId }),
  PartiallyFilled: ({ filled }, venueOrderId) => ({ kind: 'PartiallyFilled', venueOrderId, filled }),
  CancelPending: ({ filled }, venueOrderId) => ({ kind: 'CancelPending', venueOrderId, filled }),
  Unknown: ({ filled, unknown_since: since, venue_order_id: id }) => ({
    kind: 'Unknown',
    sinceMs: since?.getTime() ?? 0,
    filled,
    venueOrderId: id ?? undefined,
  }),
  Filled: ({ filled }, venueOrderId) => ({ kind: 'Filled', venueOrderId, filled }),
  Cancelled: ({ filled }, venueOrderId) => ({ kind: 'Cancelled', venueOrderId, filled }),
  Rejected: ({ reason }) => ({ kind: 'Rejected', code: reason ?? '' }),
  NeverSent: ({ reason }) => ({ kind: 'NeverSent', reason: reason ?? '' }),
};

/** Values that a state stores in the columns besides `state` and `filled`. */
export interface StateColumns {
  readonly venueOrderId: string | null;
  readonly reason: string | null;
  readonly unknownSince: Date | null;
}

export function columnsOf(state: OrderState): StateColumns {
  return {
    venueOrderId: 'venueOrderId' in state ? (state.venueOrderId ?? null) : null,
    reason: reasonOf(state),
    unknownSince: state.kind === 'Unknown' ? new Date(state.sinceMs) : null,
  };
}

/** Returns the code of a rejected order, or the reason of an order that was never sent; null for other states. */
export function reasonOf(state: OrderState): string | null {
  if (state.kind === 'Rejected') return state.code;
  return state.kind === 'NeverSent' ? state.reason : null;
}
