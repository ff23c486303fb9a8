import { absolute, formatDecimal, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Tolerances } from './drift-scope.ts';
import type { Movable } from './movable-amounts.ts';

export interface Drift {
  readonly asset: string;
  readonly ledger: Decimal;
  readonly venue: Decimal;
}

/** One comparison: the balances at the venue and in the ledger. */
export interface BalanceReading {
  readonly venue: ReadonlyMap<string, Decimal>;
  readonly ledger: ReadonlyMap<string, Decimal>;
  /** Other assets are not compared. */
  readonly tolerances: Tolerances;
  /** What our own orders may have moved at the venue without a record of it. */
  readonly movable: Movable;
}

/** An asset that differed in the last reading. */
export interface Suspect extends Drift {
  /** Consecutive readings that differed by this amount. */
  readonly equal: number;
  /** Readings since both sides agreed whose difference neither our postings nor our orders explain. */
  readonly unexplained: number;
}

/** Result of the readings so far. */
export interface DriftWatch {
  readonly suspects: readonly Suspect[];
  readonly drifts: readonly Drift[];
  /** Differences below their tolerance in the last reading. They stop nothing, and count once they add up. */
  readonly tolerated: readonly Drift[];
}

/** What the next reading is compared with. `drifting` has the assets that drifted before. */
export interface DriftHistory {
  readonly suspects: DriftWatch['suspects'];
  readonly drifting: ReadonlySet<string>;
}

const EQUAL_READINGS = 3;
const UNEXPLAINED_READINGS = 6;

/**
 * Finds the assets in which ledger and venue differ. A fill that arrives between the two reads looks like a drift, but
 * not by the same amount in the next two readings. A real drift keeps its amount, however many fills arrive in between,
 * unless somebody else trades the asset, or interest accrues: then the amount changes although nothing was posted since
 * the last reading and none of our orders can have moved as much. More such readings prove a drift too. It lasts until
 * a reading shows no difference for its asset, or one below its tolerance.
 */
export function watchDrift(before: DriftHistory, reading: BalanceReading): DriftWatch {
  const { beyond, tolerated } = differences(reading);
  const suspects = beyond.map((drift) => {
    const last = before.suspects.find(({ asset }) => asset === drift.asset);
    return { ...drift, ...countsAfter(last, drift, reading.movable) };
  });
  const drifts = suspects.flatMap(({ equal, unexplained, ...drift }) =>
    equal >= EQUAL_READINGS || unexplained >= UNEXPLAINED_READINGS || before.drifting.has(drift.asset) ? [drift] : [],
  );
  return { suspects, drifts, tolerated };
}

function countsAfter(
  last: Suspect | undefined,
  drift: Drift,
  movable: Movable,
): Pick<Suspect, 'equal' | 'unexplained'> {
  const isEqual = last !== undefined && differenceOf(last) === differenceOf(drift);
  const isExplained = !isEqual && (isMovable(drift, movable) || (last !== undefined && last.ledger !== drift.ledger));
  return {
    equal: isEqual ? last.equal + 1 : 1,
    unexplained: (last?.unexplained ?? 0) + (isExplained ? 0 : 1),
  };
}

function isMovable(drift: Drift, movable: Movable): boolean {
  const { least, most } = movable.get(drift.asset) ?? { least: 0n, most: 0n };
  const difference = differenceOf(drift);
  return least <= difference && difference <= most;
}

/** Returns a description for people. */
export function describeDrift(drift: Drift): string {
  const { asset, ledger, venue } = drift;
  const difference = formatDecimal(differenceOf(drift));
  return `${asset}: ledger ${formatDecimal(ledger)}, venue ${formatDecimal(venue)}, difference ${difference}`;
}

function differenceOf({ ledger, venue }: Drift): Decimal {
  return subtract(venue, ledger);
}

function differences({ venue, ledger, tolerances }: BalanceReading) {
  const all = [...tolerances.keys()]
    .sort()
    .map((asset) => ({ asset, ledger: ledger.get(asset) ?? ZERO, venue: venue.get(asset) ?? ZERO }))
    .filter((drift) => differenceOf(drift) !== ZERO);
  const isTolerated = (drift: Drift): boolean => absolute(differenceOf(drift)) < (tolerances.get(drift.asset) ?? ZERO);
  return { beyond: all.filter((drift) => !isTolerated(drift)), tolerated: all.filter(isTolerated) };
}
