import { isTerminal } from '../../../shared/domain/orders/order.ts';
import type { OrderReport } from '../../../shared/domain/orders/order-report.ts';
import type { ListedOrder, UnreadOrder } from '../../../shared/domain/orders/unread-row.ts';
import { hasVenueOrderId, type OrderRecord } from '../order-record.ts';
import { ownerOf, type ListedOwner } from './listed-owner.ts';

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
  const live = rows.filter(({ state }) => !isTerminal(state));
  const liveIdOf = (venueOrderId: string): string | undefined =>
    live.find((row) => hasVenueOrderId(row, venueOrderId))?.request.clientOrderId;
  const owned = <T extends ListedOrder>(orders: readonly T[]): readonly Owned<T>[] =>
    orders.map((order) => ({ order, owner: ownerOf(order, { tag, liveIdOf }) }));
  const [readable, unreadable] = [owned(open), owned(unread)];
  const [readableIds, unreadableIds] = [idsOf(readable), idsOf(unreadable)];
  const unlisted = live.map(({ request }) => request.clientOrderId).filter((id) => !readableIds.has(id));
  return {
    ours: [
      ...readable.flatMap(({ order, owner }) =>
        owner.kind === 'Ours' ? [stepOf(owner.clientOrderId, order, rowOf.get(owner.clientOrderId))] : [],
      ),
      ...unlisted.map((clientOrderId): ReconcileStep => ({
        kind: unreadableIds.has(clientOrderId) ? 'Unread' : 'Query',
        clientOrderId,
      })),
    ],
    foreign: [...readable, ...unreadable].filter(({ owner }) => owner.kind === 'Theirs').map(({ order }) => order),
    apart: unreadable.filter(({ owner }) => owner.kind !== 'Theirs').map(({ order }) => order),
  };
}

interface Owned<T extends ListedOrder> {
  readonly order: T;
  readonly owner: ListedOwner;
}

/** Returns our IDs of those that are ours. */
function idsOf(orders: readonly Owned<ListedOrder>[]): ReadonlySet<string> {
  return new Set(orders.flatMap(({ owner }) => (owner.kind === 'Ours' ? [owner.clientOrderId] : [])));
}

function stepOf(clientOrderId: string, report: OrderReport, row: OrderRecord | undefined): ReconcileStep {
  if (row === undefined) return { kind: 'Adopt', report };
  return isTerminal(row.state) ? { kind: 'Contradiction', report } : { kind: 'Report', clientOrderId, report };
}
