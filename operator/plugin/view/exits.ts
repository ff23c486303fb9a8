import type { ExitsStatus } from '../../../services/shared/contracts/statusz.ts';
import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import { missingOf, type Part } from './part.ts';
import type { PodView } from './pod-view.ts';
import { statusesOf } from './statuses.ts';

export type ExitPosition = ExitsStatus['positions'][number];

/** The service that decides exits, and halts when every position is closed. */
export const DECIDER: string = CATALOGUE.find(({ oneReleaseDecides }) => oneReleaseDecides === true)?.name ?? '';

/** Returns what risk reports of the positions that should be closed, that of the release that decides; or why not. */
export function exitsIn(pods: Part<readonly PodView[]>): Part<ExitsStatus> {
  if (!pods.known) return pods;
  const exits = statusesOf(pods).find((status) => status.exits !== undefined)?.exits;
  if (exits !== undefined && exits !== null) return { known: true, value: exits };
  const unread = pods.value.flatMap(({ service, statusz }) =>
    service === DECIDER && statusz !== undefined && !statusz.known ? [statusz] : [],
  );
  const [why = exits === null ? 'risk does not know the account' : 'no process of risk reports its exits'] =
    missingOf(unread);
  return { known: false, why, forbidden: unread.some(({ forbidden }) => forbidden) };
}

/** The positions that cannot be sold and stay: risk lists them after the open ones. The list may be cut. */
export function dustIn({ openPositions, positions }: ExitsStatus): readonly ExitPosition[] {
  return positions.slice(openPositions);
}

/** An exit takes seconds; one of this age should have been closed. */
const OVERDUE_MS = 60_000;

/** The positions that should have been closed a minute ago, and still can be. */
export function overdueIn({ openPositions, positions }: ExitsStatus, nowMs: number): readonly ExitPosition[] {
  return positions.slice(0, openPositions).filter(({ since }) => !(nowMs - Date.parse(since) < OVERDUE_MS));
}

/** Why a position is not closed: reason and message; empty if risk gives none. */
export function whyOf({ reason, message }: Pick<ExitPosition, 'reason' | 'message'>): string {
  if (reason === null) return message;
  return message === '' ? reason : `${reason} - ${message}`;
}
