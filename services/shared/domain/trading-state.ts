import type { Side } from './side.ts';

/**
 * Trading states, from least to most restrictive. Active: orders are sent. Reducing: no new risk; only orders that
 * reduce a position are sent. Flattening: the same, and risk sells every position, then halts. Halted: only
 * cancellations are sent.
 */
export const TRADING_STATES = ['Active', 'Reducing', 'Flattening', 'Halted'] as const;
export type TradingState = (typeof TRADING_STATES)[number];

/** Trading state that one source asks for: a person, the spec, a breaker, or a service itself. */
export interface SourceState {
  readonly source: string;
  readonly state: TradingState;
  /** Who asked: an account, a field manager, or the name of a service. */
  readonly author: string;
  readonly reason: string;
  /** Grows with each change of the source, so that a late command cannot lift a newer halt. */
  readonly revision: number;
  /** UTC milliseconds. */
  readonly sinceMs: number;
}

/** What a source asks for; the record adds when. */
export type StateCommand = Omit<SourceState, 'sinceMs'>;

/** Form of the name of a source, such as `spec` or `annotation`. */
export const SOURCE_PATTERN = /^[a-z][a-z0-9-]{0,39}$/;

/** Returns the most restrictive of the states; Active when there are none. */
export function mostRestrictive(states: readonly TradingState[]): TradingState {
  return states.reduce<TradingState>((worst, state) => (isMoreRestrictive(state, worst) ? state : worst), 'Active');
}

/** Whether an order of a side may be sent: on a spot market, a buy adds risk and a sale reduces it. */
export function allowsOrder(state: TradingState, side: Side): boolean {
  return state === 'Active' || (state !== 'Halted' && side === 'sell');
}

export function isMoreRestrictive(state: TradingState, than: TradingState): boolean {
  return TRADING_STATES.indexOf(state) > TRADING_STATES.indexOf(than);
}

/**
 * Returns the state of a source after a new one: undefined if the known one stays. A more restrictive state always
 * replaces the known one. A less restrictive one does only with a higher revision: a late or repeated command never
 * lifts a halt that was asked for after it. The revision never decreases, or an old lift would count as new.
 */
export function succeed<T extends Pick<SourceState, 'state' | 'revision'>>(
  next: T,
  known: Pick<SourceState, 'state' | 'revision'> | undefined,
): T | undefined {
  if (known === undefined) return next;
  if (!isMoreRestrictive(next.state, known.state) && next.revision <= known.revision) return undefined;
  return { ...next, revision: Math.max(next.revision, known.revision) };
}

/**
 * Whether one request of a source is newer than another one that was made without knowledge of it: by its revision. Of
 * two with the same revision, the more restrictive one counts.
 */
export function isNewer(
  request: Pick<SourceState, 'state' | 'revision'>,
  than: Pick<SourceState, 'state' | 'revision'>,
): boolean {
  if (request.revision !== than.revision) return request.revision > than.revision;
  return isMoreRestrictive(request.state, than.state);
}

/**
 * As `succeed`, for a copy of a request that another process was given. Whether the copy or the known state was asked
 * for later, only a higher revision shows: a lift that is known is not undone by a copy of the halt that it lifted.
 */
export function succeedAsCopy<T extends Pick<SourceState, 'revision'>>(
  copy: T,
  known: Pick<SourceState, 'revision'> | undefined,
): T | undefined {
  return known === undefined || copy.revision > known.revision ? copy : undefined;
}
