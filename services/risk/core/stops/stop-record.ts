import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { StopKind } from '../../../shared/domain/stop.ts';

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
 * What is stored of a position whose strategy has stops. Before the trigger it is the memory of the position: since
 * when it is held, and the highest price since then. After the trigger it is a wanted state: the position is left until
 * it is flat, and stances that began before the trigger open no position. The next approved entry ends it.
 */
export interface StopRecord {
  readonly strategy: string;
  readonly symbol: string;
  /** When risk first saw the position, UTC milliseconds. Distinguishes this position from a later one. */
  readonly openedAtMs: number;
  /** Highest confirmed bid; undefined before the first one was stored. */
  readonly highPrice: Decimal | undefined;
  readonly triggered: TriggeredStop | undefined;
}

/** Returns the record of a position; undefined if it has none. */
export function stopOf(
  stops: readonly StopRecord[],
  { strategy, symbol }: Pick<StopRecord, 'strategy' | 'symbol'>,
): StopRecord | undefined {
  return stops.find((one) => one.strategy === strategy && one.symbol === symbol);
}
