import type { ExitsStatus, FlattenStatus } from '../shared/contracts/statusz.ts';
import type { Problem } from '../shared/domain/problem.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { TradingStates } from '../shared/trading-state/trading-states.ts';
import type { ExitPlan, LeavingPosition } from './core/exits/exit-plan.ts';
import { keyOf, type Pair } from './core/holdings.ts';
import { hasFlattened } from './core/exits/flatten-halt.ts';
import { overdueExits, type LeavingTimes } from './core/exits/leaving-times.ts';
import type { UnjudgedStop } from './core/stops/stop-plan.ts';
import type { RiskMetrics } from './metrics.ts';

/** What the exits report. Everything is null or empty while the account is unknown. */
export interface ExitReport {
  /** Positions that should be closed, and why one is not closed yet. */
  readonly exits: () => ExitsStatus | null;
  /** Null unless positions are being closed because of Flattening, or risk halted because they are. */
  readonly flatten: () => FlattenStatus | null;
  readonly figures: () => Readonly<Record<string, number | string | null>>;
}

interface ExitPass extends Seen {
  /** Whether this process works the exits. One that is armed knows them, and neither counts them nor warns of them. */
  readonly works: boolean;
}

/** Receives the outcome of each pass. */
interface ExitListener {
  onPass(pass: ExitPass): void;
  /** The account could not be read. */
  onFailure(): void;
}

interface ReportOptions {
  readonly states: Pick<TradingStates, 'sources' | 'state'>;
  readonly metrics: Pick<RiskMetrics, 'leaving' | 'leavingSeconds' | 'dust' | 'unjudged'>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Seen {
  readonly plan: ExitPlan;
  readonly times: LeavingTimes;
  readonly unjudged: readonly UnjudgedStop[];
}

const MESSAGE_MAX = 300;
const POSITIONS_MAX = 20;
const UNKNOWN_FIGURES = {
  leavingPositions: null,
  overdueExits: null,
  overdueExit: null,
  dustPositions: null,
  unjudgedStops: null,
  unjudgedStop: null,
};

/** Creates the report of the exits. It logs once that a position is dust, and once that one is not closed for long. */
export function createExitReport({ states, metrics, clock, log }: ReportOptions): ExitReport & ExitListener {
  let seen: Seen | undefined;
  const logDust = once<LeavingPosition>((position) => log.info(named(position), 'position cannot be sold, and stays'));
  const logUnjudged = once<UnjudgedStop>(({ strategy, symbol, problem }) =>
    log.info({ strategy, symbol, reason: problem.reason, problem: problem.message }, 'stop cannot be judged'),
  );
  const logOverdue = once<LeavingPosition>((position) =>
    log.warn(named(position), 'position should have been closed a minute ago'),
  );

  return {
    onPass: ({ plan, times, unjudged, works }) => {
      seen = { plan, times, unjudged };
      if (!works) {
        for (const metric of [metrics.leaving, metrics.leavingSeconds, metrics.dust, metrics.unjudged]) metric.set(0);
        return;
      }
      const nowMs = clock.nowMs();
      const ages = plan.open.map((position) => nowMs - (times.get(keyOf(position)) ?? nowMs));
      metrics.leaving.set(plan.open.length);
      metrics.leavingSeconds.set(Math.max(0, ...ages) / 1_000);
      metrics.dust.set(plan.dust.length);
      metrics.unjudged.set(unjudged.length);
      logDust(plan.dust);
      logUnjudged(unjudged);
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
      // A sale that works the position is a problem only if that takes long.
      const overdue = new Set(overdueExits(open, seen.times, clock.nowMs()));
      const problems = [...open, ...dust].flatMap((position) => {
        const { strategy, symbol, problem = overdue.has(position) ? position.waitsFor : undefined } = position;
        return problem === undefined
          ? []
          : [{ strategy, symbol, ...problem, message: problem.message.slice(0, MESSAGE_MAX) }];
      });
      return { openPositions: open.length, problems: problems.slice(0, POSITIONS_MAX) };
    },
    figures: () => {
      if (seen === undefined) return UNKNOWN_FIGURES;
      const { plan, times, unjudged } = seen;
      const overdue = overdueExits(plan.open, times, clock.nowMs());
      return {
        leavingPositions: plan.open.length,
        overdueExits: overdue.length,
        overdueExit: overdue[0] === undefined ? null : lineOf(overdue[0], overdue[0].waitsFor),
        dustPositions: plan.dust.length,
        unjudgedStops: unjudged.length,
        unjudgedStop: unjudged[0] === undefined ? null : lineOf(unjudged[0], unjudged[0].problem),
      };
    },
  };
}

function statusOf(position: LeavingPosition, times: LeavingTimes): ExitsStatus['positions'][number] {
  const { strategy, symbol, cause, stop = null, attempts, waitsFor } = position;
  const since = new Date(times.get(keyOf(position)) ?? 0).toISOString();
  const { reason, message } = waitsFor;
  return { strategy, symbol, cause, stop, since, attempts, reason, message: message.slice(0, MESSAGE_MAX) };
}

function lineOf({ strategy, symbol }: Pair, { reason, message }: Problem): string {
  return `${strategy} ${symbol}: ${reason} - ${message}`.slice(0, MESSAGE_MAX);
}

function named({ strategy, symbol, cause, stop, attempts, waitsFor }: LeavingPosition): object {
  return { strategy, symbol, cause, stop, attempts, reason: waitsFor.reason, problem: waitsFor.message };
}

/** Returns a function that calls `log` for each position that was not in its previous list. */
function once<T extends Pair>(log: (position: T) => void): (positions: readonly T[]) => void {
  let logged: ReadonlySet<string> = new Set();
  return (positions) => {
    for (const position of positions) if (!logged.has(keyOf(position))) log(position);
    logged = new Set(positions.map(keyOf));
  };
}
