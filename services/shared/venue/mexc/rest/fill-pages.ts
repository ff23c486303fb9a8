import { tradeKeyOf, type Fill } from '../../../domain/orders/fill.ts';
import type { VenueReply } from '../../../domain/orders/venue-reply.ts';

/** Maximum trades that MEXC returns per request (API document "Account Trade List"). */
export const FILLS_PER_PAGE = 100;
/** 10,000 fills. A caller with more to fetch must use a later start time. */
const MAX_PAGES = 100;

/** Fetches the newest FILLS_PER_PAGE fills up to `endTimeMs`, newest first. Undefined means now. */
export type AskFillPage = (endTimeMs: number | undefined) => Promise<VenueReply<readonly Fill[]>>;

/**
 * Returns every fill of all pages once, oldest first. Walks back in time. Pages overlap by one millisecond, because
 * several fills can share a millisecond and the documents do not say whether the end time is inclusive. Never returns
 * a part of the fills as if it were all: a failure that ends the walk early is the reply.
 */
export async function collectFills(ask: AskFillPage): Promise<VenueReply<readonly Fill[]>> {
  const found = new Map<string, Fill>();
  let endTimeMs: number | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await ask(endTimeMs);
    if (reply.kind !== 'ok') return reply;
    const before = found.size;
    for (const fill of reply.value) if (!found.has(tradeKeyOf(fill))) found.set(tradeKeyOf(fill), fill);
    if (reply.value.length < FILLS_PER_PAGE) return { kind: 'ok', value: oldestFirst(found) };
    if (found.size === before) return { kind: 'unknown', reason: 'page of fills contains no older fill' };
    endTimeMs = Math.min(...reply.value.map(({ time }) => time)) + 1;
  }
  return { kind: 'unknown', reason: `more than ${MAX_PAGES} pages of fills` };
}

/** Within one millisecond, the venue's own order is kept. */
function oldestFirst(found: ReadonlyMap<string, Fill>): readonly Fill[] {
  return [...found.values()].reverse().sort((a, b) => a.time - b.time);
}
