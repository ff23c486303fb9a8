import { gatherEvidence } from '../e2e/trading.ts';
import { until } from '../e2e/until.ts';
import { violationsOf, type Evidence } from '../judges/invariants.ts';
import { unfinishedOrders } from '../judges/unfinished-orders.ts';
import { whileHalted } from './faults/halt.ts';
import type { ChaosStack } from './faults/fault.ts';

/** What both sides have recorded since the stack started. */
export interface BooksVerdict {
  readonly violations: readonly string[];
  readonly orders: number;
  readonly fills: number;
}

/** The books are behind the venue for as long as a reconciliation takes. */
const SETTLED_WITHIN_MS = 60_000;

/**
 * Compares the books with the venue's in a quiet moment, which it makes by a halt: no order is open, so nothing changes
 * while both sides are read, and every order must have an end.
 */
export async function judgeBooks(stack: ChaosStack): Promise<BooksVerdict> {
  let evidence: Evidence | undefined;
  const violations = await whileHalted(stack, 'spec', async () => {
    const deadlineMs = performance.now() + SETTLED_WITHIN_MS;
    for (;;) {
      evidence = await until(
        'a log of the venue that does not change',
        async () => await gatherEvidence(stack.kubectl, stack.place),
      );
      const found = [...violationsOf(evidence), ...unfinishedOrders(evidence.orders)];
      if (found.length === 0 || performance.now() > deadlineMs) return found;
    }
  });
  return { violations, orders: evidence?.orders.length ?? 0, fills: evidence?.trades.length ?? 0 };
}
