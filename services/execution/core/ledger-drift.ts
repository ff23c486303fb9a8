import { formatDecimal, subtract, ZERO, type Decimal } from '../../shared/domain/decimal.ts';

export interface Drift {
  readonly asset: string;
  readonly ledger: Decimal;
  readonly venue: Decimal;
}

/** One comparison: balances at the venue, and ours. */
export interface BalanceReading {
  readonly venue: ReadonlyMap<string, Decimal>;
  readonly ledger: ReadonlyMap<string, Decimal>;
}

/** What the readings up to now say. */
export interface DriftWatch {
  /** Assets that differed in the last reading, and for how many readings in a row by the same amount. */
  readonly suspects: readonly (Drift & { readonly readings: number })[];
  readonly drifts: readonly Drift[];
}

export const NOTHING_SEEN: DriftWatch = { suspects: [], drifts: [] };

const READINGS = 3;

/**
 * Assets in which ledger and venue differ. A fill that is told between the two reads looks like a drift, but not by the same amount in the next reading
 * and the one after it; a drift does, however many fills come in between. It stands until its asset shows no difference.
 */
export function watchDrift(before: DriftWatch, reading: BalanceReading): DriftWatch {
  const suspects = differences(reading).map((drift) => {
    const last = before.suspects.find(({ asset }) => asset === drift.asset);
    const readings = last !== undefined && differenceOf(last) === differenceOf(drift) ? last.readings + 1 : 1;
    return { ...drift, readings };
  });
  const drifts = suspects.flatMap(({ readings, ...drift }) =>
    readings >= READINGS ? [drift] : before.drifts.filter(({ asset }) => asset === drift.asset),
  );
  return { suspects, drifts };
}

/** In words, for people. */
export function describeDrift(drift: Drift): string {
  const { asset, ledger, venue } = drift;
  return `${asset}: ledger ${formatDecimal(ledger)}, venue ${formatDecimal(venue)}, difference ${formatDecimal(differenceOf(drift))}`;
}

function differenceOf({ ledger, venue }: Drift): Decimal {
  return subtract(venue, ledger);
}

function differences({ venue, ledger }: BalanceReading): readonly Drift[] {
  const assets = [...new Set([...venue.keys(), ...ledger.keys()])].sort();
  return assets
    .map((asset) => ({ asset, ledger: ledger.get(asset) ?? ZERO, venue: venue.get(asset) ?? ZERO }))
    .filter((drift) => drift.ledger !== drift.venue);
}
