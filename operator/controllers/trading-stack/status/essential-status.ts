import type { ConditionReason } from '../../../api/v1alpha1/conditions.ts';
import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { shortLine } from '../../../api/v1alpha1/status-text.ts';

/**
 * Returns the part of a status that must be stored although the CRD refuses the whole, because it is older or newer
 * than this operator: which operator manages the stack, the epoch, which is recorded before a sender is activated, and
 * the requests of the trading state, which must not be forgotten, with the halt. Everything else is left out, so that
 * no former value stays as if it were observed.
 */
export function essentialStatus(status: TradingStackStatus, problem: string): TradingStackStatus {
  const { execution, trading, halt } = status;
  return {
    ...essentialHeader(status, problem),
    ...(execution === undefined ? {} : { execution }),
    ...(trading === undefined ? {} : { trading }),
    ...(halt === undefined ? {} : { halt }),
  };
}

/** Returns what a status shows of the refusal, which every CRD takes. */
export function essentialHeader({ observedAt, operator }: TradingStackStatus, problem: string): TradingStackStatus {
  return {
    blockedBy: shortLine(`status: ${'StatusRefused' satisfies ConditionReason} - ${problem}`),
    ...(observedAt === undefined ? {} : { observedAt }),
    ...(operator === undefined ? {} : { operator }),
  };
}
