import { EMPTY_BOOK, NO_BASE_FUNDS, SUSPENDED } from '../../../services/exchange-simulator/core/venue-refusal.ts';
import type { ObstacleReason } from '../../../services/execution/core/sending.ts';
import type { ExitStep } from '../../../services/replay/core/exit-step.ts';
import type { RefusalCode } from '../../../services/risk/core/checks/check-outcome.ts';

/**
 * Refusals, of risk and of the venue, and reasons why a sale was not sent, that faults, the state of the venue and
 * changes of the sender cause. Our own mistakes may cause them, too: they excuse for a bounded time. After any other
 * one the position is as idle as before: whoever refuses an exit has to bring the cause to an end.
 */
const REFUSALS = [
  'InstrumentNotKnown',
  'CollarUnknown',
  'BelowMinimum',
  'FeedStale',
] as const satisfies readonly RefusalCode[];
const OBSTACLES = [
  'NotActive',
  'DatabaseSlow',
  'PermitExpired',
  'ClockSkewed',
  'RateLimited',
] as const satisfies readonly ObstacleReason[];
const UNSENT = ['BudgetSpent', 'CommitUnknown', 'NeverArrived', 'SignedTooLongAgo'] as const;
const REJECTIONS = [EMPTY_BOOK, NO_BASE_FUNDS, SUSPENDED].map(({ code }) => String(code));
/** Causes that excuse a position for a bounded time. */
export const EXCUSES: ReadonlySet<string> = new Set([...REFUSALS, ...OBSTACLES, ...UNSENT, ...REJECTIONS]);

/** Whether a step is of a sale that was refused, rejected or not sent for such a cause. */
export function isExcuse(step: ExitStep): boolean {
  const cause = causeOf(step);
  return cause !== undefined && EXCUSES.has(cause);
}

/** Why a sale was refused, by us or by the venue, or not sent. */
function causeOf(step: ExitStep): string | undefined {
  if (step.kind === 'Refused') return step.code;
  if (step.kind !== 'Ended' || step.side !== 'sell') return undefined;
  if (step.state.kind === 'Rejected') return step.state.code;
  return step.state.kind === 'NeverSent' ? step.state.reason : undefined;
}
