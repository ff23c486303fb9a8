import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import type { OrderView } from '../risk-state.ts';

/** Says how far a sale is. It may never end, so this is what the position waits for. */
export function saleProgress({ clientOrderId, state, filled, quantity, sinceMs, finalExecuted }: OrderView): Problem {
  const since = sinceMs === undefined ? 'an unknown time' : new Date(sinceMs).toISOString();
  const name = `sale ${clientOrderId} of ${since}`;
  if (finalExecuted !== undefined) {
    const executed = `${formatDecimal(finalExecuted)} of ${formatDecimal(quantity)} are executed`;
    const message = `${name} has ended at the venue: ${executed}, fills of ${formatDecimal(filled)} are recorded`;
    return { reason: 'SaleUnsettled', message };
  }
  const message =
    state === 'Approved'
      ? `the approval of ${name} has no order yet`
      : `${name} is ${state}: ${formatDecimal(filled)} of ${formatDecimal(quantity)} are filled`;
  return { reason: 'SaleLive', message };
}
