import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import { ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { StopKind } from '../../../shared/domain/stop.ts';
import type { WantedStance } from '../stances/wanted-stance.ts';

/** Why, when and at which prices a stop triggered. Prices are in quote per base. */
export interface TriggeredStop {
  /** Undefined: one of another release. */
  readonly kind: StopKind | undefined;
  /** Undefined for MaxHolding, which needs no price. */
  readonly level: Decimal | undefined;
  /** Of the two bids that confirmed the trigger, the one that is closer to the level. */
  readonly bid: Decimal | undefined;
  /** Undefined if the cost of the position is unknown. */
  readonly entryPrice: Decimal | undefined;
  /** UTC milliseconds. */
  readonly atMs: number;
}

/** A stop that this process saw reached. */
export interface ReachedStop extends TriggeredStop {
  readonly kind: StopKind;
}

/**
 * What is stored of a position with stops. Before the trigger it is the memory of the position: since when it is held,
 * the highest price since then, and the stops, which outlive the settings of the strategy. After the trigger it is a
 * wanted state: the position is left until it is flat, and stances that began before the trigger open no position. See
 * `endsWithEntry` for its end.
 */
export interface StopRecord {
  readonly strategy: string;
  readonly symbol: string;
  /** When risk first saw the position, UTC milliseconds. Distinguishes this position from a later one. */
  readonly openedAtMs: number;
  /** Highest confirmed bid; undefined before the first one was stored. */
  readonly highPrice: Decimal | undefined;
  /** The stops that applied when risk last looked at the position; undefined if none did, or an older release did. */
  readonly rules: StopRules | undefined;
  readonly triggered: TriggeredStop | undefined;
}

/** What an approved entry is of. */
export interface EntryOf {
  /** The stance that it follows; undefined if none was accepted. */
  readonly stance: Pick<WantedStance, 'changedAt'> | undefined;
  /** Whether it is the first one of its stance. */
  readonly isFirst: boolean;
  /** Base that the strategy holds. */
  readonly held: Decimal;
}

/**
 * Whether an approved entry ends the record: it opens a new position, and the record is of an earlier one. A further
 * order of an entry that holds something already is of the same position. A trigger ends with a newer stance only,
 * because it may have been stored after the account of the decision was read.
 */
export function endsWithEntry({ triggered }: StopRecord, { stance, isFirst, held }: EntryOf): boolean {
  if (triggered === undefined) return isFirst || held <= ZERO;
  return stance !== undefined && stance.changedAt > triggered.atMs;
}

/** Returns the record of a position; undefined if it has none. */
export function stopOf(
  stops: readonly StopRecord[],
  { strategy, symbol }: Pick<StopRecord, 'strategy' | 'symbol'>,
): StopRecord | undefined {
  return stops.find((one) => one.strategy === strategy && one.symbol === symbol);
}
