import { driftsOf, type BalanceReading } from '../../services/execution/core/ledger-drift.ts';
import { planReconcile, type ReconcileStep } from '../../services/execution/core/reconcile-plan.ts';
import type { OrderReport } from '../../services/shared/domain/order-report.ts';
import type { ExecutionWorld } from './simulated-execution.ts';

export interface ReconcileWorld extends ExecutionWorld {
  readonly alive: () => boolean;
  readonly report: (report: OrderReport) => void;
  readonly reduceOnly: (is: boolean) => void;
}

/** Trades are asked for again from before the newest one that is known. */
const OVERLAP_MS = 60_000;

/** One comparison with the venue: open orders, fills, balances. What its network loses, the next turn makes good. */
export function createReconciler(world: ReconcileWorld): () => void {
  const { venue, record, alive, report, onBreach } = world;
  let previous: BalanceReading | undefined;

  const again = (clientOrderId: string, then: (fresh: OrderReport) => void): void =>
    venue.query(clientOrderId, (reply) => {
      if (reply.kind === 'ok' && alive()) then(reply.value);
    });
  const take = (step: ReconcileStep): void => {
    if (step.kind === 'Report') return report(step.report);
    if (step.kind === 'Ask') return again(step.clientOrderId, report);
    if (step.kind !== 'Contradiction') return onBreach(`${step.kind} ${step.report.clientOrderId}`);
    // The list may be older than our row: only a fresh answer is a contradiction.
    return again(step.report.clientOrderId, ({ clientOrderId, status }) => {
      if (status === 'New' || status === 'PartiallyFilled')
        onBreach(`order ${clientOrderId} ended here and is open there`);
    });
  };

  return () => {
    venue.openOrders((reply) => {
      if (reply.kind !== 'ok' || !alive()) return;
      const open = reply.value;
      const rows = new Map(record.live().map((row) => [row.request.clientOrderId, row]));
      for (const { clientOrderId } of open) {
        const row = record.orders.get(clientOrderId);
        if (row !== undefined) rows.set(clientOrderId, row);
      }
      for (const step of planReconcile({ tag: world.tag, rows: [...rows.values()], open })) take(step);
    });
    venue.fills((record.fills.at(-1)?.time ?? 0) - OVERLAP_MS, (reply) => {
      if (reply.kind !== 'ok' || !alive()) return;
      for (const fill of reply.value) record.observe(fill.clientOrderId, { kind: 'FillSeen', fill });
    });
    venue.balances((reply) => {
      if (reply.kind !== 'ok' || !alive()) return;
      const reading = { venue: reply.value, ledger: new Map(record.balances), fills: record.fills.length };
      const drifts = driftsOf(previous, reading);
      previous = reading;
      if (drifts === undefined) return;
      world.reduceOnly(drifts.length > 0);
      if (drifts.length > 0) world.onDrift();
    });
  };
}
