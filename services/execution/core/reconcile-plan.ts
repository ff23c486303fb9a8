import { isTerminal } from '../../shared/domain/order.ts';
import type { OrderReport } from '../../shared/domain/order-report.ts';
import type { OrderRecord } from './order-record.ts';

/** What a comparison of our rows with the venue's open orders asks for. */
export type ReconcileStep =
  /** The venue has it open: take its word. */
  | { readonly kind: 'Report'; readonly clientOrderId: string; readonly report: OrderReport }
  /** Live here, not open there: ask for it by its id. */
  | { readonly kind: 'Ask'; readonly clientOrderId: string }
  /** Carries our tag and has no row: the record was lost; it gets a row whose deadline is now, so that it is cancelled, and is followed to its end. */
  | { readonly kind: 'Adopt'; readonly report: OrderReport }
  /** Carries no tag of ours: never touched. */
  | { readonly kind: 'Quarantine'; readonly report: OrderReport }
  /** Ended here, open there: it must not stay at the venue. */
  | { readonly kind: 'Contradiction'; readonly report: OrderReport };

/** The steps that bring our rows and the venue's open orders together. `rows`: all live ones, and those of the open orders that have one. */
export function planReconcile(facts: {
  /** First characters of every client order id of this stack. */
  readonly tag: string;
  readonly rows: readonly OrderRecord[];
  readonly open: readonly OrderReport[];
}): readonly ReconcileStep[] {
  const { tag, rows, open } = facts;
  const rowOf = new Map(rows.map((row) => [row.request.clientOrderId, row]));
  const openIds = new Set(open.map((report) => report.clientOrderId));
  const missing = rows.filter((row) => !isTerminal(row.state) && !openIds.has(row.request.clientOrderId));
  return [
    ...open.map((report): ReconcileStep => stepOf(report, rowOf.get(report.clientOrderId), tag)),
    ...missing.map((row): ReconcileStep => ({ kind: 'Ask', clientOrderId: row.request.clientOrderId })),
  ];
}

function stepOf(report: OrderReport, row: OrderRecord | undefined, tag: string): ReconcileStep {
  const { clientOrderId } = report;
  if (row !== undefined) {
    return isTerminal(row.state) ? { kind: 'Contradiction', report } : { kind: 'Report', clientOrderId, report };
  }
  return clientOrderId.startsWith(tag) ? { kind: 'Adopt', report } : { kind: 'Quarantine', report };
}
