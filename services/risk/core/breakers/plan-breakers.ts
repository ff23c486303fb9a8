import {
  ACCOUNT_BREAKERS,
  isInstrumentBreaker,
  VENUE_BREAKERS,
  type StackBreaker,
} from '../../../shared/domain/breaker.ts';
import type { SourceState, StateCommand } from '../../../shared/domain/trading-state.ts';
import { accountBreaches, type BreakerRules } from './account-breaches.ts';
import type { Breach, BreakerReset, EquityRecord, TrippedBreaker } from './breaker.ts';
import { BREAKER_SOURCES, breakerCommand } from './breaker-state.ts';
import { COOL_DOWN_SECONDS } from './instrument-breaches.ts';
import { utcDayOf } from './utc-day.ts';

/** Why a breaker leaves. */
export type LeaveCause = 'NewDay' | 'Reset' | 'CooledDown' | 'LimitRemoved';

export interface Leave {
  readonly breaker: TrippedBreaker;
  readonly cause: LeaveCause;
}

export interface BreakerInput {
  /** Undefined: the settings have no breakers. */
  readonly rules: BreakerRules;
  readonly symbols: readonly string[];
  /** The next record, of a confirmed equity. Undefined while the equity is unknown: then nothing trips by it. */
  readonly equity: EquityRecord | undefined;
  /** Those that have not left. */
  readonly tripped: readonly TrippedBreaker[];
  readonly resets: readonly BreakerReset[];
  /** Limits that instruments and the venue have reached. */
  readonly breaches: readonly Breach[];
  /** Since when, UTC milliseconds, a tripped breaker of an instrument or the venue has certainly not been breached. */
  readonly calmSinceMs: (breaker: TrippedBreaker) => number | undefined;
  readonly nowMs: number;
}

export interface BreakerPlan {
  /** The record to store: with a reset, the peak starts again at the equity. */
  readonly equity: EquityRecord | undefined;
  readonly trips: readonly TrippedBreaker[];
  readonly leaves: readonly Leave[];
  /** Requests of people that are fulfilled. */
  readonly handled: readonly BreakerReset[];
  /** Those that are tripped after this plan. */
  readonly tripped: readonly TrippedBreaker[];
}

/**
 * Plans which breakers trip and leave. Rules for leaving: the daily loss at the next UTC day, the drawdown by the
 * request of a person, a breaker of an instrument or the venue after it was calm for the cool-down. A limit that the
 * settings no longer have leaves too. A request needs a known equity: the next drawdown counts from it.
 */
export function planBreakers(input: BreakerInput): BreakerPlan {
  const { rules, tripped, resets, breaches, nowMs } = input;
  const handled = input.equity === undefined ? [] : resets;
  const equity =
    input.equity !== undefined && handled.length > 0 ? { ...input.equity, peak: input.equity.equity } : input.equity;
  const leaves = tripped.flatMap((breaker): readonly Leave[] => {
    const cause = leaveCause(breaker, { ...input, isReset: handled.length > 0 });
    return cause === undefined ? [] : [{ breaker, cause }];
  });
  const left = new Set(leaves.map(({ breaker }) => keyOf(breaker)));
  const staying = tripped.filter((breaker) => !left.has(keyOf(breaker)));
  const known = new Set(staying.map(keyOf));
  // The loss of a day that has passed trips nothing: while prices are missing, the next one may not have begun.
  const ofAccount = (equity === undefined ? [] : accountBreaches(equity, rules)).filter(
    ({ breaker }) => breaker !== 'DailyLoss' || utcDayOf(nowMs) <= (equity?.dayMs ?? 0),
  );
  const reached = [...ofAccount, ...breaches];
  const trips = reached
    .filter((breach) => !known.has(keyOf(breach)))
    .map((breach) => ({ ...breach, trippedAtMs: nowMs }));
  return { equity, trips, leaves, handled, tripped: [...staying, ...trips] };
}

/** Returns what the sources of the breakers that concern every instrument have to ask for now. */
export function breakerCommands(
  tripped: readonly TrippedBreaker[],
  { onDrawdown = 'Reducing' }: BreakerRules,
  sources: readonly SourceState[],
): readonly StateCommand[] {
  return [...ACCOUNT_BREAKERS, ...VENUE_BREAKERS].flatMap((code: StackBreaker) => {
    const breaker = tripped.find((one) => one.breaker === code);
    const state = code === 'Drawdown' ? onDrawdown : 'Reducing';
    return breakerCommand({ source: BREAKER_SOURCES[code], state, breaker }, sources) ?? [];
  });
}

/** Identifies a breaker, whenever it tripped. */
export function keyOf({ breaker, symbol }: Pick<Breach, 'breaker' | 'symbol'>): string {
  return `${breaker} ${symbol}`;
}

function leaveCause(
  breaker: TrippedBreaker,
  { rules, symbols, calmSinceMs, nowMs, isReset }: BreakerInput & { readonly isReset: boolean },
): LeaveCause | undefined {
  if (!hasLimit(breaker, rules, symbols)) return 'LimitRemoved';
  if (breaker.breaker === 'DailyLoss') return utcDayOf(nowMs) > utcDayOf(breaker.trippedAtMs) ? 'NewDay' : undefined;
  if (breaker.breaker === 'Drawdown') return isReset ? 'Reset' : undefined;
  const calmMs = calmSinceMs(breaker);
  const coolDownMs = (rules.breakerCoolDownSeconds ?? COOL_DOWN_SECONDS) * 1_000;
  return calmMs !== undefined && nowMs - calmMs >= coolDownMs ? 'CooledDown' : undefined;
}

function hasLimit({ breaker, symbol }: TrippedBreaker, rules: BreakerRules, symbols: readonly string[]): boolean {
  if (isInstrumentBreaker(breaker) && !symbols.includes(symbol)) return false;
  const limits = {
    DailyLoss: rules.maxDailyLoss,
    Drawdown: rules.maxDrawdownPercent,
    VenueErrors: rules.maxVenueErrorPercent,
    VenueLatency: rules.maxVenueLatencyMs,
    VenueBanned: rules.maxVenuePauseSeconds,
    WideSpread: rules.maxSpreadPercent,
    PriceMove: rules.maxMovePercent,
    FeedGaps: rules.maxFeedGaps,
  };
  return limits[breaker] !== undefined;
}
