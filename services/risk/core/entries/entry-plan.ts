import { DecimalError, ZERO } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { sizeOrder } from '../sizing/size-order.ts';
import { ageRejection } from '../stances/signal-timing.ts';
import { wantedBy, type WantedStance } from '../stances/wanted-stance.ts';
import { begunEntry } from './requote.ts';

export interface EntryInput {
  readonly state: Omit<RiskState, 'market'>;
  readonly marketOf: (symbol: string) => MarketSnapshot;
}

/**
 * Returns the entries to decide again now: of each stance Long whose first entry rested and ended before all of it was
 * bought. The first entry of a stance comes from its signal. Whether the next one is due is decided by its sizing, so
 * that the signal of a later bar and this plan follow one set of rules.
 */
export function planEntries({ state, marketOf }: EntryInput): readonly Signal[] {
  return state.stances.flatMap((wanted) => {
    const own = { ...state, market: marketOf(wanted.symbol) };
    const signal = entrySignal(own, wanted);
    return mayRequote(own, signal) && isDue(own, signal) ? [signal] : [];
  });
}

/**
 * Whether the entry of a signal may be decided again, on the account of the transaction that decides it: its stance is
 * still wanted, its bar is recent enough to act on, and its first entry rested.
 */
export function mayRequote(state: RiskState, signal: Signal): boolean {
  const wanted = wantedBy(state.stances, signal);
  if (wanted?.stance !== 'Long' || wanted.changedAt !== signal.changedAt) return false;
  return ageRejection(state.policy, wanted, state.nowMs) === undefined && begunEntry(state, signal) !== undefined;
}

/** The ID contains the time: each entry is a decision of its own, with an order of its own. */
function entrySignal({ nowMs, release, market }: RiskState, wanted: WantedStance): Signal {
  const { strategy, symbol, stance, changedAt, barClose } = wanted;
  const id = `entry:${strategy}:${symbol}:${nowMs}`;
  return { id, strategy, symbol, stance, changedAt, barClose, referencePrice: market.book?.bid ?? ZERO, release };
}

/** An amount that does not fit is left to the decision, which refuses it and says so. */
function isDue(state: RiskState, signal: Signal): boolean {
  try {
    return sizeOrder(state, signal, 'Near').kind !== 'NoAction';
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    return true;
  }
}
