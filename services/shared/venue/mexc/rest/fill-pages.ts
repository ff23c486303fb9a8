import { tradeKeyOf, type Fill } from '../../../domain/orders/fill.ts';
import type { VenueReply } from '../../../domain/orders/venue-reply.ts';
import type { FillHistory } from '../../trading-venue.ts';

/** Maximum trades that MEXC returns per request (API document "Account Trade List"). */
export const FILLS_PER_PAGE = 100;
/** 10,000 fills. Where there are more, an earlier end is tried. */
const MAX_PAGES = 100;
/** Each end halves the time or leaves out 5,000 fills: a month needs at most 32, and one more for every 5,000 fills. */
const MAX_ENDS = 100;

/** Fetches the newest FILLS_PER_PAGE fills up to `endTimeMs`, newest first. Undefined means now. */
export type AskFillPage = (endTimeMs: number | undefined) => Promise<VenueReply<readonly Fill[]>>;

/**
 * Returns every fill since `sinceMs` once, oldest first, or the oldest of them where there are too many: the venue
 * lists the newest first, so that they are reached by an earlier end. Never returns a part of the fills as if it were
 * all: a failure that ends a walk early is the reply.
 */
export async function collectFills(sinceMs: number, ask: AskFillPage): Promise<VenueReply<FillHistory>> {
  let endMs: number | undefined;
  for (let end = 0; end < MAX_ENDS; end += 1) {
    const reply = await walkBack(ask, endMs);
    if (reply.kind !== 'ok') return reply;
    const { fills, reachesStart } = reply.value;
    if (reachesStart) return { kind: 'ok', value: { fills, completeToMs: endMs } };
    endMs = earlierEnd(fills, sinceMs, endMs);
  }
  return { kind: 'unknown', reason: `more than ${MAX_PAGES} pages of fills before ${MAX_ENDS} ends` };
}

interface Walk {
  readonly fills: readonly Fill[];
  readonly reachesStart: boolean;
}

/**
 * Walks back in time from the end, inclusive, until there are no more fills or too many. Pages overlap by one
 * millisecond, because several fills can share a millisecond and the documents do not say whether the end time is
 * inclusive.
 */
async function walkBack(ask: AskFillPage, endMs: number | undefined): Promise<VenueReply<Walk>> {
  const found = new Map<string, Fill>();
  let endTimeMs = endMs === undefined ? undefined : endMs + 1;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await ask(endTimeMs);
    if (reply.kind !== 'ok') return reply;
    const before = found.size;
    for (const fill of reply.value) if (!found.has(tradeKeyOf(fill))) found.set(tradeKeyOf(fill), fill);
    if (reply.value.length < FILLS_PER_PAGE)
      return { kind: 'ok', value: { fills: oldestFirst(found), reachesStart: true } };
    if (found.size === before) return { kind: 'unknown', reason: 'page of fills contains no older fill' };
    endTimeMs = Math.min(...reply.value.map(({ time }) => time)) + 1;
  }
  return { kind: 'ok', value: { fills: oldestFirst(found), reachesStart: false } };
}

/**
 * Returns the middle of the time, but no earlier than the oldest fill of the walk, before which all are missing, and no
 * later than its middle one: otherwise fills that are close together would need many walks.
 */
function earlierEnd(walked: readonly Fill[], sinceMs: number, endMs: number | undefined): number {
  const timeAt = (share: number): number => walked[Math.floor((walked.length - 1) * share)]?.time ?? sinceMs;
  const middleMs = Math.floor((sinceMs + (endMs ?? timeAt(1))) / 2);
  return Math.min(Math.max(middleMs, timeAt(0)), timeAt(0.5));
}

/** Within one millisecond, the venue's own order is kept. */
function oldestFirst(found: ReadonlyMap<string, Fill>): readonly Fill[] {
  return [...found.values()].reverse().sort((a, b) => a.time - b.time);
}
