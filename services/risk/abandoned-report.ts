import { degraded, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { AbandonedPosition } from './core/abandoned-position.ts';
import { keyOf } from './core/holdings.ts';
import type { RiskMetrics } from './metrics.ts';

export interface AbandonedReport {
  /** Takes the positions that no strategy decides on, or without coins, as last read. */
  readonly onRead: (positions: readonly AbandonedPosition[]) => void;
  /** Passes, because everything else is traded; degraded while there is such a position. */
  readonly check: () => CheckResult;
  readonly figures: () => Readonly<Record<string, number | string | null>>;
}

/** Creates the report of positions that will not be left. Logs each one once, until it is gone. */
export function createAbandonedReport(metrics: Pick<RiskMetrics, 'abandoned'>, log: Logger): AbandonedReport {
  let abandoned: readonly AbandonedPosition[] = [];
  return {
    onRead: (positions) => {
      const logged = new Set(abandoned.map(logKeyOf));
      for (const position of positions)
        if (!logged.has(logKeyOf(position))) log.warn({ ...position }, 'position will not be closed');
      abandoned = positions;
      metrics.abandoned.set(positions.length);
    },
    check: () => {
      const [first] = abandoned;
      if (first === undefined) return OK;
      const more = abandoned.length > 1 ? `; and ${abandoned.length - 1} more` : '';
      const message = `${lineOf(first)}${more}`;
      const isGone = first.reason === 'CoinsMissing';
      return isGone ? degraded('CoinsMissing', message) : degraded('PositionAbandoned', message);
    },
    figures: () => ({
      abandonedPositions: abandoned.length,
      abandonedPosition: abandoned[0] === undefined ? null : lineOf(abandoned[0]),
    }),
  };
}

function logKeyOf(position: AbandonedPosition): string {
  return `${keyOf(position)} ${position.reason}`;
}

function lineOf({ strategy, symbol, message }: AbandonedPosition): string {
  return `${strategy} ${symbol}: ${message}`;
}
