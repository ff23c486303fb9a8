import type { StackBreaker } from '../../../shared/domain/breaker.ts';
import { isMoreRestrictive, type SourceState, type StateCommand } from '../../../shared/domain/trading-state.ts';
import type { TrippedBreaker } from './breaker.ts';

/** Each breaker that concerns every instrument is a source of the trading state. */
export const BREAKER_SOURCES: Readonly<Record<StackBreaker, string>> = {
  DailyLoss: 'breaker-daily-loss',
  Drawdown: 'breaker-drawdown',
  VenueErrors: 'breaker-venue-errors',
  VenueLatency: 'breaker-venue-latency',
  VenueBanned: 'breaker-venue-banned',
};
const AUTHOR = 'risk';
const UNKNOWN: Pick<SourceState, 'state' | 'author' | 'revision'> = { state: 'Active', author: AUTHOR, revision: 0 };

/** What a breaker asks for. */
export interface BreakerRequest {
  readonly source: string;
  readonly state: 'Reducing' | 'Halted';
  readonly breaker: TrippedBreaker | undefined;
}

/**
 * Returns the command that makes a source ask for what its breaker requires; undefined if it does already. A person may
 * write rows of this very source: what they restrict stays, as only they lift it, and what they lift is asked for again
 * while the breaker is tripped.
 */
export function breakerCommand(
  { source, state, breaker }: BreakerRequest,
  sources: readonly SourceState[],
): StateCommand | undefined {
  const known = sources.find((one) => one.source === source) ?? UNKNOWN;
  const wanted = breaker === undefined ? 'Active' : state;
  const isByPerson = known.state !== 'Active' && known.author !== AUTHOR;
  if (known.state === wanted || (isByPerson && !isMoreRestrictive(wanted, known.state))) return undefined;
  const reason = breaker?.detail.slice(0, 300) ?? 'the breaker has left';
  return { source, state: wanted, author: AUTHOR, reason, revision: known.revision + 1 };
}
