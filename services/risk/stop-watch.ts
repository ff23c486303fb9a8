import type { BookMessage } from '../shared/contracts/messages/book.ts';
import { DecimalError, ZERO } from '../shared/domain/decimal.ts';
import type { DecisionScope } from '../shared/domain/release/active-release.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { Activation } from './activation/activation.ts';
import { keyOf, type Pair } from './core/holdings.ts';
import type { RiskState } from './core/risk-state.ts';
import { createHighPrices } from './core/stops/high-prices.ts';
import { confirmedBids, observeBid, type ConfirmedBids, type ObservedBid } from './core/stops/observed-bid.ts';
import { planStops, type StopPlan, type UnjudgedStop } from './core/stops/stop-plan.ts';
import type { StopRecord, ReachedStop } from './core/stops/stop-record.ts';
import { raisedHigh, reachedStop, type WatchedPosition } from './core/stops/stop-trigger.ts';
import type { RiskStore } from './ports.ts';
import type { StateOptions } from './state-of.ts';

interface StopWatchOptions extends Pick<StateOptions, 'settings' | 'market'> {
  readonly store: Pick<RiskStore, 'beginStop' | 'changeStopRules' | 'raiseStop' | 'triggerStop' | 'endStop'>;
  /** What this process may decide. While that is nothing, another one decides, and stores what it sees. */
  readonly scope: () => DecisionScope;
  /** Whether it decided at an earlier monotonic time. */
  readonly decidedAt: Activation['decidedAt'];
  /** Whether the active release was heard after a monotonic time. */
  readonly heardSince: Activation['heardSince'];
  /** Called when a pass should follow at once. */
  readonly onDue: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface StopWatch {
  /** Judges the stops of the symbol. Never throws. */
  readonly onBook: (book: BookMessage) => void;
  /**
   * Brings the record in line with the account, and stores what has triggered since the last call. Returns the account
   * with it. Never rejects: a stop that cannot be stored is reported and tried again by the next call, and holds up no
   * other exit. In a process that does not decide it stores only what was reached while it did.
   */
  readonly pass: (state: Omit<RiskState, 'market'>) => Promise<StopPass>;
}

export interface StopPass {
  readonly stops: readonly StopRecord[];
  readonly unjudged: readonly UnjudgedStop[];
}

interface Reached {
  readonly position: WatchedPosition;
  readonly triggered: ReachedStop;
  /** What this process could decide then, as far as it knew. */
  readonly scope: DecisionScope;
  /** Monotonic time. */
  readonly atMs: number;
}

/** The highest price of a position is stored at most this often; so much of it is lost when the process dies. */
const RAISE_EVERY_MS = 5_000;

/**
 * Creates the part that watches the stops. The positions are those of the last pass; between two passes each change of
 * a book judges them at once, and what is reached then counts, even if the price has recovered before the next pass.
 *
 * A process that does not decide watches too, so that no moment of an upgrade is unwatched. It keeps what it saw
 * reached until the active release has been heard after it, and stores it if it may decide before that: it was
 * activated, or the active release has died. The one that decided before stores what it saw until then. One that is
 * cut off from the record goes on to believe that it decides. It stores nothing before it knows until when it did: the
 * release that decided meanwhile may have removed the stop.
 */
export function createStopWatch(options: StopWatchOptions): StopWatch {
  const { settings, market, store, scope, onDue, clock, log } = options;
  const { maxFeedAgeMs } = settings.limits;
  const decides = (): boolean => scope() !== 'None';
  const bids = new Map<string, ObservedBid>();
  let watched = new Map<string, WatchedPosition>();
  const reached = new Map<string, Reached>();
  const highs = createHighPrices();
  let raisedMs = Number.NEGATIVE_INFINITY;

  const judge = (position: WatchedPosition): WatchedPosition => {
    const nowMs = clock.nowMs();
    const { symbol, openedAtMs } = position;
    const confirmed = confirmedBids(bids.get(symbol), { openedAtMs, nowMs, maxFeedAgeMs });
    const raised = { ...position, highPrice: raisedHigh(position.highPrice, confirmed) };
    highs.note(raised);
    const key = keyOf(position);
    if (reached.get(key)?.position.openedAtMs === openedAtMs) return raised;
    const triggered = triggerOf(raised, confirmed, nowMs);
    if (triggered !== undefined)
      reached.set(key, { position: raised, triggered, scope: scope(), atMs: clock.monotonicMs() });
    return raised;
  };

  const storeHighs = async (stops: readonly StopRecord[], write: Write): Promise<void> => {
    for (const record of stops) {
      const now = watched.get(keyOf(record));
      const high = now?.rules.trailingStopPercent === undefined ? undefined : now.highPrice;
      if (high !== undefined && high > (record.highPrice ?? ZERO))
        await write(record, async () => await store.raiseStop(record, high));
    }
  };

  return {
    onBook: ({ symbol, version, bids: [best], receivedAt }) => {
      const next = observeBid(bids.get(symbol), { version, bid: best?.[0], receivedAt }, maxFeedAgeMs);
      if (next === undefined) bids.delete(symbol);
      else bids.set(symbol, next);
      const before = reached.size;
      for (const [key, position] of watched) if (position.symbol === symbol) watched.set(key, judge(position));
      if (reached.size > before && decides()) onDue();
    },
    pass: async (state) => {
      const isArmed = !decides();
      const fateOf = (one: Reached): Fate => fateIn(one, isArmed, options);
      forgetDropped(reached, fateOf);
      const plan = planStops(state, (symbol) => market.snapshot(symbol), highs.of);
      const { write, failures } = guardedWrites(log);
      highs.keep(state.stops);
      watched = new Map(plan.watched.map((position) => [keyOf(position), judge(position)]));
      // What triggered goes first: nothing else is as urgent, and each write may wait.
      const stops = await storeReached(reached, { stops: state.stops, store, write, fateOf, log });
      if (isArmed) return { stops, unjudged: [...failures, ...plan.unjudged] };
      await storePlan(plan, { store, write, isActive: scope() === 'All', nowMs: state.nowMs });
      if (clock.monotonicMs() - raisedMs >= RAISE_EVERY_MS) {
        await storeHighs(state.stops, write);
        if (failures.length === 0) raisedMs = clock.monotonicMs();
      }
      if (plan.begun.length > 0 && failures.length === 0) onDue();
      return { stops, unjudged: [...failures, ...plan.unjudged] };
    },
  };
}

interface StoringPlan extends Pick<StopWatchOptions, 'store'> {
  readonly write: Write;
  readonly isActive: boolean;
  readonly nowMs: number;
}

/**
 * Brings the records in line with the positions and their stops. Only the active release changes stops that are stored:
 * of two releases without an active one, each would replace those of the other in every pass.
 */
async function storePlan(
  { begun, changed, ended }: StopPlan,
  { store, write, isActive, nowMs }: StoringPlan,
): Promise<void> {
  for (const { rules, ...pair } of begun)
    await write(pair, async () => await store.beginStop({ ...pair, openedAtMs: nowMs }, rules));
  for (const { record, rules } of isActive ? changed : [])
    await write(record, async () => await store.changeStopRules(record, rules));
  for (const record of ended) await write(record, async () => await store.endStop(record));
}

interface Storing extends Pick<StopWatchOptions, 'store' | 'log'> {
  readonly stops: readonly StopRecord[];
  readonly write: Write;
  readonly fateOf: (reached: Reached) => Fate;
}

/** Stores what was reached as far as it counts, and returns the records with it. */
async function storeReached(
  reached: Map<string, Reached>,
  { stops, store, write, fateOf, log }: Storing,
): Promise<readonly StopRecord[]> {
  let records = stops;
  for (const [key, one] of reached) {
    if (fateOf(one) !== 'Store') continue;
    const { position, triggered } = one;
    const { strategy, symbol, openedAtMs, highPrice } = position;
    const isFirst = await write(
      position,
      async () => await store.triggerStop({ strategy, symbol, openedAtMs, highPrice, triggered }),
    );
    if (isFirst === undefined) continue;
    reached.delete(key);
    logTriggered(log, { strategy, symbol, stop: triggered.kind }, isFirst);
    if (isFirst) records = records.map((one) => (keyOf(one) === key ? { ...one, highPrice, triggered } : one));
  }
  return records;
}

/** `Hold`: it is not known yet whether it counts. */
type Fate = 'Store' | 'Hold' | 'Drop';

type Known = Pick<StopWatchOptions, 'decidedAt' | 'heardSince'>;

/** A process of the active release that was heard later has seen the same book, and stores what it reached itself. */
function fateIn({ scope, atMs }: Reached, isArmed: boolean, { decidedAt, heardSince }: Known): Fate {
  if (scope === 'None' && isArmed) return heardSince(atMs) ? 'Drop' : 'Hold';
  if (scope === 'None') return 'Store';
  const counts = scope === 'Exits' ? true : decidedAt(atMs);
  if (counts === undefined) return 'Hold';
  return counts ? 'Store' : 'Drop';
}

function forgetDropped(reached: Map<string, Reached>, fateOf: (reached: Reached) => Fate): void {
  for (const [key, one] of reached) if (fateOf(one) === 'Drop') reached.delete(key);
}

/** Not the first: another process has triggered it, or the position has closed. The next pass reads which. */
function logTriggered(log: Logger, stop: object, isFirst: boolean): void {
  if (isFirst) log.warn(stop, 'stop triggered');
  else log.info(stop, 'stop not triggered again');
}

/** Returns undefined when the write failed. */
type Write = <T>(pair: Pair, statement: () => Promise<T>) => Promise<T | undefined>;

/** Collects the writes of a pass that fail, by position. */
function guardedWrites(log: Logger): { readonly write: Write; readonly failures: readonly UnjudgedStop[] } {
  const failures: UnjudgedStop[] = [];
  const write: Write = async ({ strategy, symbol }, statement) => {
    try {
      return await statement();
    } catch (error) {
      log.warn({ strategy, symbol, err: error }, 'stop not stored');
      failures.push({ strategy, symbol, problem: { reason: 'StopNotStored', message: messageOf(error) } });
      return undefined;
    }
  };
  return { write, failures };
}

/** A level that does not fit a decimal is never reached. */
function triggerOf(
  position: WatchedPosition,
  confirmed: ConfirmedBids | undefined,
  nowMs: number,
): ReachedStop | undefined {
  try {
    return reachedStop(position, confirmed, nowMs);
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    return reachedStop({ ...position, entryPrice: undefined, highPrice: undefined }, confirmed, nowMs);
  }
}
