/**
 * What a drained sender had compared with the venue when it released the fence, for the next one. Ages of the last
 * complete comparisons, milliseconds.
 */
export interface ComparedAges {
  /** Instruments that took all orders. The others are left out. */
  readonly instruments: Readonly<Record<string, number>>;
  /** Null when the balances were not compared, or too long ago. */
  readonly balances: number | null;
}

/** Nothing: the next sender compares everything itself. */
export const NOTHING_COMPARED: ComparedAges = { instruments: {}, balances: null };

/** Returns the ages after `ms` more milliseconds. Undefined when the time is unknown, or a clock went back. */
export function agedBy(compared: ComparedAges, ms: number): ComparedAges | undefined {
  if (!(ms >= 0)) return undefined;
  const instruments = Object.entries(compared.instruments).map(([symbol, ageMs]) => [symbol, ageMs + ms] as const);
  const { balances } = compared;
  return { instruments: Object.fromEntries(instruments), balances: balances === null ? null : balances + ms };
}
