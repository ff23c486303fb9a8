import { senderRow } from '../../../../../services/shared/contracts/catalogue.ts';
import type { ExecutionStatus, TierStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { failedGate, type DeadlineTerms } from '../deadline.ts';
import { SENDER_ACTIVE, SENDER_PROVEN } from '../gates.ts';

/**
 * Whether the new sender is on probation: it sends, or is not known not to, and has neither passed nor failed. One that
 * was lost is not: whatever the spec describes by then may take its place.
 */
export function isOnProbation(
  execution: ExecutionStatus | undefined,
  tiers: readonly TierStatus[],
  deadline: DeadlineTerms,
): boolean {
  const tier = tiers.find(({ name }) => name === senderRow().tier);
  if (tier === undefined || failedGate(tier, deadline) !== undefined) return false;
  // In the reconcile in which it passes the gate is there for the last time: what passed is put on record first.
  if (tier.gates.every(({ name }) => name !== SENDER_PROVEN)) return false;
  const sends = tier.gates.some(({ name, ok }) => name === SENDER_ACTIVE && ok);
  return sends || (execution?.active === 'Unknown' && execution.lastSwap?.soak?.state === 'Soaking');
}
