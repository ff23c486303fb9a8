import type { Problem } from '../../../shared/domain/problem.ts';
import type { StopKind } from '../../../shared/domain/stop.ts';
import { namedStops, type NamedStop } from './named-stops.ts';
import type { PositionStop } from './position-stop.ts';

/** For people: what protects a position, and what keeps it from that. `isTraded`: whether its pair is configured. */
export function stopText(stop: PositionStop, isTraded: boolean): string {
  if (stop.kind === 'Watched') return watchedText(stop, isTraded);
  if (stop.kind === 'Triggered') return `its stop has triggered${isTraded ? '' : NO_SALE}`;
  return TEXTS[stop.kind];
}

const NO_SALE = ', but the position is not sold, because the pair has no feed';
const TEXTS = {
  None: 'it has no stop',
  Begins: 'its stop is not stored yet',
  Unread: 'its stop is unknown, because its row in risk.stops cannot be read',
} as const satisfies Partial<Record<PositionStop['kind'], string>>;

function watchedText(
  { position, problem }: Extract<PositionStop, { readonly kind: 'Watched' }>,
  isTraded: boolean,
): string {
  const stops = namedStops(position);
  const blind = stops.filter(({ kind }) => isBlind(kind, problem));
  const judged = stops.filter((one) => !blind.includes(one));
  const why = isTraded ? `judged now (${problem?.reason})` : 'watched, because the pair has no feed';
  return [
    ...(blind.length === 0 ? [] : [`its ${joined(blind)} not ${why}`]),
    ...(judged.length === 0 ? [] : [`its ${joined(judged)} watched${isTraded ? '' : NO_SALE}`]),
  ].join('; ');
}

/** A position without a cost still has a trailing stop, and time needs no price. */
function isBlind(kind: StopKind, problem: Problem | undefined): boolean {
  if (problem === undefined || kind === 'MaxHolding') return false;
  return problem.reason !== 'EntryPriceUnknown' || kind !== 'TrailingStop';
}

function joined(stops: readonly NamedStop[]): string {
  const texts = stops.map(({ text }) => text);
  return texts.length === 1 ? `${texts[0]} is` : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)} are`;
}
