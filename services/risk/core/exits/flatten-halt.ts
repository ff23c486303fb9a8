import { mostRestrictive, type SourceState, type StateCommand } from '../../../shared/domain/trading-state.ts';

/** Source and author of the halt that follows when every position is closed. */
const SOURCE = 'flatten';
const AUTHOR = 'risk';

/** Whether risk has halted because every position is closed. */
export function hasFlattened(sources: readonly SourceState[]): boolean {
  return ownOf(sources)?.state === 'Halted';
}

/**
 * Returns the halt to request once the account is flat; undefined unless Flattening applies. `dust` positions stay. If
 * a person requested Flattening by a row of this very source, the halt stays in that person's name, so that risk never
 * lifts it.
 */
export function haltWhenFlat(sources: readonly SourceState[], dust: number): StateCommand | undefined {
  if (mostRestrictive(sources.map(({ state }) => state)) !== 'Flattening') return undefined;
  const own = ownOf(sources);
  const author = own === undefined || own.state === 'Active' ? AUTHOR : own.author;
  const rest = dust === 0 ? '' : `, except ${dust} that cannot be sold`;
  return command('Halted', author, `every position is closed${rest}`, own);
}

/** Returns the lift of risk's own halt when no source requests Flattening any more; undefined if there is none. */
export function liftWhenNotRequested(sources: readonly SourceState[]): StateCommand | undefined {
  const own = ownOf(sources);
  if (own?.state !== 'Halted' || own.author !== AUTHOR || sources.some(({ state }) => state === 'Flattening'))
    return undefined;
  return command('Active', AUTHOR, 'Flattening is no longer requested', own);
}

function command(
  state: StateCommand['state'],
  author: string,
  reason: string,
  own: SourceState | undefined,
): StateCommand {
  return { source: SOURCE, state, author, reason, revision: (own?.revision ?? 0) + 1 };
}

function ownOf(sources: readonly SourceState[]): SourceState | undefined {
  return sources.find(({ source }) => source === SOURCE);
}
