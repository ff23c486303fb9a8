import { steadyMessage } from '../../../api/v1alpha1/status-text.ts';
import type { TradingView } from '../trading/trading-view.ts';

/**
 * Returns who requests that positions are closed and how far that is, with the first problem. A message whose problem
 * only grows older stays as it was `before`, so that the status is not written each second.
 */
export function flattenLine(flatten: TradingView['flatten'], by: string, before = ''): string {
  if (flatten === undefined) return `requested by ${by}; the number of open positions is not reported yet`;
  const { openPositions, problems } = flatten;
  const counts = `requested by ${by}; open positions: ${openPositions}, problems: ${problems.length}`;
  const [first] = problems;
  if (first === undefined) return counts;
  const line = `${counts}; ${first.strategy} ${first.symbol}: ${first.reason} - ${first.message}`;
  return before.startsWith(`${counts}; `) ? steadyMessage(before, line) : line;
}
