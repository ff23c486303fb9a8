import type { FillPage, FillRange } from '../../../domain/orders/fill-page.ts';
import type { Fill } from '../../../domain/orders/fill.ts';

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
 * of the range when it reaches back behind the start. Within one millisecond, the venue's own order is kept.
 */
export function fillPageOf(listed: readonly Fill[], { fromMs, toMs = Infinity }: FillRange): FillPage {
  const fills = listed
    .filter(({ time }) => time >= fromMs && time <= toMs)
    .toReversed()
    .sort((a, b) => a.time - b.time);
  const complete = listed.length < FILLS_PER_PAGE || listed.some(({ time }) => time < fromMs);
  return { fills, complete };
}
