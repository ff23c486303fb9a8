import { formatDecimal, subtract, ZERO, type Decimal } from '../../shared/domain/decimal.ts';

export interface Drift {
  readonly asset: string;
  readonly ledger: Decimal;
  readonly venue: Decimal;
}

/** One comparison: balances at the venue, ours, and how many fills were recorded by then. */
export interface BalanceReading {
  readonly venue: ReadonlyMap<string, Decimal>;
  readonly ledger: ReadonlyMap<string, Decimal>;
  /** Fills of the stack recorded when the ledger was read. */
  readonly fills: number;
}

/**
 * Assets in which ledger and venue differ. A fill between the two reads looks like a drift, so a difference counts only when the reading before, with
 * the same number of fills, shows the same amounts on both sides. Undefined: nothing can be said, what was said before stands.
 */
export function driftsOf(previous: BalanceReading | undefined, current: BalanceReading): readonly Drift[] | undefined {
  const drifts = differences(current);
  if (drifts.length === 0) return drifts;
  if (previous === undefined || previous.fills !== current.fills) return undefined;
  return sameDrifts(differences(previous), drifts) ? drifts : undefined;
}

/** In words, for people. */
export function describeDrift({ asset, ledger, venue }: Drift): string {
  return `${asset}: ledger ${formatDecimal(ledger)}, venue ${formatDecimal(venue)}, difference ${formatDecimal(subtract(venue, ledger))}`;
}

function differences({ venue, ledger }: BalanceReading): readonly Drift[] {
  const assets = [...new Set([...venue.keys(), ...ledger.keys()])].sort();
  return assets
    .map((asset) => ({ asset, ledger: ledger.get(asset) ?? ZERO, venue: venue.get(asset) ?? ZERO }))
    .filter((drift) => drift.ledger !== drift.venue);
}

function sameDrifts(left: readonly Drift[], right: readonly Drift[]): boolean {
  return left.map(describeDrift).join() === right.map(describeDrift).join();
}
