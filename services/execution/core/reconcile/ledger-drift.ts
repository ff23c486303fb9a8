import { absolute, formatDecimal, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Tolerances } from './drift-scope.ts';

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
}

/** Result of the readings so far. */
export interface DriftWatch {
  /** Assets that differed in the last reading, with the number of consecutive readings that differed by this amount. */
  readonly suspects: readonly (Drift & { readonly readings: number })[];
  readonly drifts: readonly Drift[];
}

/** What the next reading is compared with. `drifting` has the assets that drifted before. */
export interface DriftHistory {
  readonly suspects: DriftWatch['suspects'];
  readonly drifting: ReadonlySet<string>;
}

const READINGS = 3;

/**
 * Finds the assets in which ledger and venue differ. A fill that arrives between the two reads looks like a drift, but
 * not by the same amount in the next two readings. A real drift keeps its amount, however many fills arrive in between.
 * It lasts until a reading shows no difference for its asset, or one below its tolerance.
 */
export function watchDrift(before: DriftHistory, reading: BalanceReading): DriftWatch {
  const suspects = differences(reading).map((drift) => {
    const last = before.suspects.find(({ asset }) => asset === drift.asset);
    const readings = last !== undefined && differenceOf(last) === differenceOf(drift) ? last.readings + 1 : 1;
    return { ...drift, readings };
  });
  const drifts = suspects.flatMap(({ readings, ...drift }) =>
    readings >= READINGS || before.drifting.has(drift.asset) ? [drift] : [],
  );
  return { suspects, drifts };
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

function differences({ venue, ledger, tolerances }: BalanceReading): readonly Drift[] {
  return [...tolerances.keys()]
    .sort()
    .map((asset) => ({ asset, ledger: ledger.get(asset) ?? ZERO, venue: venue.get(asset) ?? ZERO }))
    .filter((drift) => isBeyond(differenceOf(drift), tolerances.get(drift.asset) ?? ZERO));
}

function isBeyond(difference: Decimal, tolerance: Decimal): boolean {
  return difference !== ZERO && absolute(difference) >= tolerance;
}
