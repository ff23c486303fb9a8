import type { FillPage, FillRange } from '../../../domain/orders/fill-page.ts';
import type { Fill } from '../../../domain/orders/fill.ts';
import { isUnread, type UnreadFill } from '../../../domain/orders/unread-row.ts';

/** Maximum trades that MEXC returns per request (API document "Account Trade List"). */
export const FILLS_PER_PAGE = 100;

/**
 * Returns the parameters of a request for the fills of a range. It asks for a millisecond more at both ends, because
 * the documents do not say whether they are inclusive.
 */
export function fillPageParams({ fromMs, toMs }: FillRange) {
  const page = { startTime: Math.max(0, fromMs - 1), limit: FILLS_PER_PAGE };
  return toMs === undefined ? page : { ...page, endTime: toMs + 1 };
}

/**
 * Returns the page that MEXC has listed: the newest trades of what was asked for, the newest first. A full one has all
 * of the range when it reaches back behind the start. Within one millisecond, the venue's own order is kept. A trade
 * whose time cannot be read may be in the range.
 */
export function fillPageOf(listed: readonly (Fill | UnreadFill)[], { fromMs, toMs = Infinity }: FillRange): FillPage {
  const inRange = listed.filter((one) => timeOf(one, fromMs) >= fromMs && timeOf(one, fromMs) <= toMs);
  const fills = inRange
    .filter((one): one is Fill => !isUnread(one))
    .toReversed()
    .sort((a, b) => a.time - b.time);
  const complete = listed.length < FILLS_PER_PAGE || listed.some((one) => timeOf(one, fromMs) < fromMs);
  return { fills, unread: inRange.filter((one) => isUnread(one)), complete };
}

function timeOf(one: Fill | UnreadFill, unknownMs: number): number {
  return isUnread(one) ? (one.known.time ?? unknownMs) : one.time;
}
