import { isTerminal } from '../../../shared/domain/orders/order.ts';
import type { OrderReport } from '../../../shared/domain/orders/order-report.ts';
import type { ListedOrder, UnreadOrder } from '../../../shared/domain/orders/unread-row.ts';
import type { OrderRecord } from '../order-record.ts';
import { ownerOf } from './listed-owner.ts';

/** An action that follows from comparing our rows with the venue's open orders. */
export type ReconcileStep =
  /** The order is open at the venue: record the venue's report. */
  | { readonly kind: 'Report'; readonly clientOrderId: string; readonly report: OrderReport }
  /** The order is open at the venue, in a row that cannot be read: no more is known of it. */
  | { readonly kind: 'Unread'; readonly clientOrderId: string }
  /** Live in the record, not open at the venue: query the order by its ID. */
  | { readonly kind: 'Query'; readonly clientOrderId: string }
  /**
   * Carries our tag and has no row: the record was lost. The order gets a row again, and is tracked until it ends.
   */
  | { readonly kind: 'Adopt'; readonly report: OrderReport }
  /** Ended in the record, open at the venue: the order must not stay at the venue. */
  | { readonly kind: 'Contradiction'; readonly report: OrderReport };

export interface ReconcilePlan {
  readonly ours: readonly ReconcileStep[];
  /** Orders of somebody else: they are never touched. */
  readonly foreign: readonly ListedOrder[];
  /** Orders that are or may be ours, in rows that cannot be read. */
  readonly apart: readonly UnreadOrder[];
}

/**
 * Returns the steps that reconcile our rows with the venue's open orders. `rows` has all live orders, and the rows of
 * those open orders that have one.
 */
export function planReconcile(facts: {
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly rows: readonly OrderRecord[];
  readonly open: readonly OrderReport[];
  /** Open orders whose rows at the venue cannot be read. */
  readonly unread?: readonly UnreadOrder[];
}): ReconcilePlan {
  const { tag, rows, open, unread = [] } = facts;
  const rowOf = new Map(rows.map((row) => [row.request.clientOrderId, row]));
  const openIds = new Set(open.map((report) => report.clientOrderId));
  const unlisted = rows.filter((row) => !isTerminal(row.state) && !openIds.has(row.request.clientOrderId));
  const isListed = (row: OrderRecord): boolean => unread.some(({ known }) => isSameOrder(row, known));
  const isOurs = ({ clientOrderId }: OrderReport): boolean => clientOrderId.startsWith(tag);
  const liveIdOf = (venueOrderId: string): string | undefined =>
    unlisted.find((row) => isSameOrder(row, { venueOrderId }))?.request.clientOrderId;
  const isForeign = (order: UnreadOrder): boolean => ownerOf(order, { tag, liveIdOf }).kind === 'Theirs';
  return {
    ours: [
      ...open.filter(isOurs).map((report): ReconcileStep => stepOf(report, rowOf.get(report.clientOrderId))),
      ...unlisted.map((row): ReconcileStep => ({
        kind: isListed(row) ? 'Unread' : 'Query',
        clientOrderId: row.request.clientOrderId,
      })),
    ],
    foreign: [...open.filter((report) => !isOurs(report)), ...unread.filter(isForeign)],
    apart: unread.filter((order) => !isForeign(order)),
  };
}

/** By our ID, or by the venue's where ours cannot be read. */
function isSameOrder({ request, state }: OrderRecord, { clientOrderId, venueOrderId }: UnreadOrder['known']): boolean {
  if (clientOrderId === request.clientOrderId) return true;
  return venueOrderId !== undefined && 'venueOrderId' in state && state.venueOrderId === venueOrderId;
}

function stepOf(report: OrderReport, row: OrderRecord | undefined): ReconcileStep {
  if (row === undefined) return { kind: 'Adopt', report };
  return isTerminal(row.state)
    ? { kind: 'Contradiction', report }
    : { kind: 'Report', clientOrderId: report.clientOrderId, report };
}
