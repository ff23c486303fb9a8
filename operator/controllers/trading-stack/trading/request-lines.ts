import type { TradingState } from '../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/** Returns the names of the sources that request a state. If there are none, processes do not obey its lift yet. */
export function requesters(sources: readonly SourceStatus[], state: TradingState): string {
  const names = sources.filter((source) => source.state === state).map(({ source }) => source);
  return names.length === 0 ? 'the processes' : names.join(', ').slice(0, 200);
}

/** What Flattening means, and who requests it. */
export function flatteningLine(sources: readonly SourceStatus[]): string {
  const by = requesters(sources, 'Flattening');
  return `no entries are sent and every position is sold; a halt follows; requested by ${by}`;
}

/** What Reducing means, and who requests it. */
export function reducingLine(sources: readonly SourceStatus[]): string {
  return `only orders that reduce a position are sent; requested by ${requesters(sources, 'Reducing')}`;
}
