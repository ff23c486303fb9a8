import { steadyMessage } from '../../../api/v1alpha1/status-text.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { requesters } from '../trading/request-lines.ts';
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

/**
 * Returns for the message of a halt that a requested Flattening waits; empty if none does. The halt of risk, as the
 * source `flatten`, follows a sale: nothing waits for its end.
 */
export function waitingFlattenLine(sources: readonly SourceStatus[]): string {
  const isRequested = sources.some(({ state }) => state === 'Flattening');
  const isSold = sources.some(({ source, state }) => source === 'flatten' && state === 'Halted');
  if (!isRequested || isSold) return '';
  const by = requesters(sources, 'Flattening');
  return `; Flattening, requested by ${by}, waits for the end of the halt: no position is sold until then`;
}
