import type { Instrument } from '../domain/instrument.ts';

/** Pair as listed by the venue. */
export interface Listing {
  readonly instrument: Instrument;
  /** Whether the API currently accepts orders of both sides. */
  readonly tradable: boolean;
  /** Why the pair is not tradable; empty when it is. */
  readonly reason: string;
}

export interface Listings {
  readonly listings: readonly Listing[];
  /** Names of the unreadable rows. One odd row does not discard the others. */
  readonly unreadable: readonly string[];
}
