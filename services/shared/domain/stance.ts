/** Positions that a strategy can want in an instrument. Long holds the base asset, Flat holds none. */
export const STANCES = ['Long', 'Flat'] as const;
export type Stance = (typeof STANCES)[number];
