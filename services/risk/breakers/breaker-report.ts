import type { BreakersStatus } from '../../shared/contracts/statusz.ts';
import { BREAKERS } from '../../shared/domain/breaker.ts';
import { formatDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { ObservedEquity } from './equity-observation.ts';
import { dailyLossOf } from '../core/breakers/account-breaches.ts';
import type { EquityRecord, TrippedBreaker } from '../core/breakers/breaker.ts';
import type { RiskMetrics } from '../metrics.ts';

/** What a pass of the watch has found. */
export interface SeenBreakers {
  readonly tripped: readonly TrippedBreaker[];
  readonly equity: ObservedEquity;
  readonly fees: ReadonlyMap<string, Decimal>;
}

/** Returns the section of `/statusz`. */
export function statusOf({ tripped, equity }: SeenBreakers): BreakersStatus {
  const record = equity.kind === 'Known' ? equity.record : undefined;
  const ofToday = recordOfToday(equity);
  return {
    currency: record?.currency ?? null,
    equity: record === undefined ? null : formatDecimal(record.equity),
    dayProfit: ofToday === undefined ? null : formatDecimal((0n - dailyLossOf(ofToday)) as Decimal),
    peak: record === undefined ? null : formatDecimal(record.peak),
    problem: problemOf(equity).slice(0, 300),
    tripped: tripped.slice(0, 100).map(({ breaker, symbol, trippedAtMs, detail }) => ({
      breaker,
      symbol,
      since: new Date(trippedAtMs).toISOString(),
      message: detail.slice(0, 300),
    })),
  };
}

/** What is missing, also where the last price stands in for it. */
function problemOf(equity: ObservedEquity): string {
  if (equity.kind === 'Unknown') return equity.detail;
  if (equity.missing === '') return '';
  return `${equity.missing} (valued at the last price)${equity.hasDayBegun ? '' : '; the day has not begun'}`;
}

function recordOfToday(equity: ObservedEquity): EquityRecord | undefined {
  return equity.kind === 'Known' && equity.hasDayBegun ? equity.record : undefined;
}

/** The profit of the day has the name of its currency, and so have the fees. */
export function figuresOf(seen: SeenBreakers | undefined): Readonly<Record<string, string | number | null>> {
  if (seen === undefined) return { trippedBreakers: null };
  const { currency, equity, dayProfit } = statusOf(seen);
  const [first] = seen.tripped;
  return {
    trippedBreakers: seen.tripped.length,
    trippedBreaker: first === undefined ? null : `${first.breaker}: ${first.detail}`.slice(0, 300),
    ...(currency !== null && { [`equity.${currency}`]: equity, [`dayProfit.${currency}`]: dayProfit }),
    ...Object.fromEntries([...seen.fees].slice(0, 20).map(([asset, fee]) => [`fees.${asset}`, formatDecimal(fee)])),
  };
}

/** Sets the metrics; those of an unknown equity are NaN. */
export function setMetrics(
  { tripped, equity }: SeenBreakers,
  metrics: Pick<RiskMetrics, 'breakers' | 'equity' | 'dayProfit' | 'drawdown'>,
): void {
  for (const breaker of BREAKERS)
    metrics.breakers.set({ breaker }, tripped.filter((one) => one.breaker === breaker).length);
  const record = equity.kind === 'Known' ? equity.record : undefined;
  metrics.equity.set(record === undefined ? Number.NaN : Number(formatDecimal(record.equity)));
  const ofToday = recordOfToday(equity);
  metrics.dayProfit.set(ofToday === undefined ? Number.NaN : -Number(formatDecimal(dailyLossOf(ofToday))));
  metrics.drawdown.set(record === undefined || record.peak <= 0n ? Number.NaN : drawdownOf(record));
}

function drawdownOf({ peak, equity }: EquityRecord): number {
  return Number(((peak - equity) * 1_000_000n) / peak) / 10_000;
}
