import type { ExitsStatus, FlattenStatus } from '../shared/contracts/statusz.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { TradingStates } from '../shared/trading-state/trading-states.ts';
import type { ExitPlan, LeavingPosition } from './core/exits/exit-plan.ts';
import { keyOf } from './core/exits/exit.ts';
import { hasFlattened } from './core/exits/flatten-halt.ts';
import { overdueExits, type LeavingTimes } from './core/exits/leaving-times.ts';
import type { RiskMetrics } from './metrics.ts';

/** What the exits report. Everything is null or empty while the account is unknown. */
export interface ExitReport {
  /** Positions that should be left, and why one is not left yet. */
  readonly exits: () => ExitsStatus | null;
  /** Null unless positions are being closed because of Flattening, or risk halted because they are. */
  readonly flatten: () => FlattenStatus | null;
  readonly figures: () => Readonly<Record<string, number | string | null>>;
}

/** Receives the outcome of each pass. */
interface ExitListener {
  onPass(plan: ExitPlan, times: LeavingTimes): void;
  /** The account could not be read. */
  onFailure(): void;
}

interface ReportOptions {
  readonly states: Pick<TradingStates, 'sources' | 'state'>;
  readonly metrics: Pick<RiskMetrics, 'leaving' | 'leavingSeconds' | 'dust'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const MESSAGE_MAX = 300;
const POSITIONS_MAX = 20;

/** Creates the report of the exits. It logs once that a position is dust, and once that one is not left for long. */
export function createExitReport({ states, metrics, clock, log }: ReportOptions): ExitReport & ExitListener {
  let seen: { readonly plan: ExitPlan; readonly times: LeavingTimes } | undefined;
  const logDust = once((position) =>
    log.info(named(position), 'position is below the minimum of the venue, and stays'),
  );
  const logOverdue = once((position) => log.warn(named(position), 'position should have been left a minute ago'));

  return {
    onPass: (plan, times) => {
      seen = { plan, times };
      const nowMs = clock.nowMs();
      const ages = plan.open.map((position) => nowMs - (times.get(keyOf(position)) ?? nowMs));
      metrics.leaving.set(plan.open.length);
      metrics.leavingSeconds.set(Math.max(0, ...ages) / 1_000);
      metrics.dust.set(plan.dust.length);
      logDust(plan.dust);
      logOverdue(overdueExits(plan.open, times, nowMs));
    },
    onFailure: () => {
      seen = undefined;
    },
    exits: () => {
      if (seen === undefined) return null;
      const { plan, times } = seen;
      const { open, dust } = plan;
      return {
        openPositions: open.length,
        dustPositions: dust.length,
        positions: [...open, ...dust].slice(0, POSITIONS_MAX).map((position) => statusOf(position, times)),
      };
    },
    flatten: () => {
      // Not while another source halts: then positions stay as they are.
      if (seen === undefined || !(states.state === 'Flattening' || hasFlattened(states.sources))) return null;
      const { open, dust } = seen.plan;
      const problems = [...open, ...dust].flatMap(({ strategy, symbol, problem }) =>
        problem === undefined ? [] : [{ strategy, symbol, ...problem, message: problem.message.slice(0, MESSAGE_MAX) }],
      );
      return { openPositions: open.length, problems: problems.slice(0, POSITIONS_MAX) };
    },
    figures: () => {
      if (seen === undefined)
        return { leavingPositions: null, overdueExits: null, overdueExit: null, dustPositions: null };
      const { plan, times } = seen;
      const overdue = overdueExits(plan.open, times, clock.nowMs());
      return {
        leavingPositions: plan.open.length,
        overdueExits: overdue.length,
        overdueExit: overdue[0] === undefined ? null : lineOf(overdue[0]),
        dustPositions: plan.dust.length,
      };
    },
  };
}

function statusOf(position: LeavingPosition, times: LeavingTimes): ExitsStatus['positions'][number] {
  const { strategy, symbol, cause, attempts, problem } = position;
  const since = new Date(times.get(keyOf(position)) ?? 0).toISOString();
  const reason = problem?.reason ?? null;
  return { strategy, symbol, cause, since, attempts, reason, message: problem?.message.slice(0, MESSAGE_MAX) ?? '' };
}

function lineOf({ strategy, symbol, problem }: LeavingPosition): string {
  const why = problem === undefined ? 'an order works it' : `${problem.reason} - ${problem.message}`;
  return `${strategy} ${symbol}: ${why}`.slice(0, MESSAGE_MAX);
}

function named({ strategy, symbol, cause, attempts, problem }: LeavingPosition): object {
  return { strategy, symbol, cause, attempts, reason: problem?.reason, problem: problem?.message };
}

/** Returns a function that calls `log` for each position that was not in its previous list. */
function once(log: (position: LeavingPosition) => void): (positions: readonly LeavingPosition[]) => void {
  let logged: ReadonlySet<string> = new Set();
  return (positions) => {
    for (const position of positions) if (!logged.has(keyOf(position))) log(position);
    logged = new Set(positions.map(keyOf));
  };
}
