import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { checkFeed } from '../checks/precondition-checks.ts';
import type { RiskState } from '../risk-state.ts';
import type { WatchedPosition } from './stop-trigger.ts';

/** Returns why a stop that needs a price has none; undefined if it has. */
export function unjudgedReason(
  state: Pick<RiskState, 'policy' | 'nowMs' | 'market'>,
  { symbol, rules, entryPrice }: WatchedPosition,
): Problem | undefined {
  if (!needsPrice(rules)) return undefined;
  if (!state.policy.symbols.includes(symbol))
    return { reason: 'InstrumentNotKnown', message: 'the pair is not in spec.instruments, so it has no feed' };
  const { refusal } = checkFeed(state, { stance: 'Flat' });
  if (refusal !== undefined) return { reason: refusal.code, message: refusal.detail };
  if (state.market.book?.bid === undefined) return { reason: 'CollarUnknown', message: 'the order book has no bid' };
  const needsEntry = rules.stopLossPercent !== undefined || rules.takeProfitPercent !== undefined;
  if (entryPrice !== undefined || !needsEntry) return undefined;
  return { reason: 'EntryPriceUnknown', message: 'the position has no cost to compute its entry price from' };
}

function needsPrice({ stopLossPercent, trailingStopPercent, takeProfitPercent }: StopRules): boolean {
  return [stopLossPercent, trailingStopPercent, takeProfitPercent].some((percent) => percent !== undefined);
}
