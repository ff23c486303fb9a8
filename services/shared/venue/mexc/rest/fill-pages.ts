import type { Fill } from '../../../domain/fill.ts';
import type { VenueReply } from '../../../domain/venue-reply.ts';

/** MEXC gives no more trades at once (API document "Account Trade List"). */
export const FILLS_PER_PAGE = 100;
/** 10,000 fills; whoever has more to fetch has to begin later. */
const MAX_PAGES = 100;

/** Up to FILLS_PER_PAGE fills of `endTimeMs` and before, the newest of them, newest first; undefined means now. */
export type AskFillPage = (endTimeMs: number | undefined) => Promise<VenueReply<readonly Fill[]>>;

/**
 * Every fill that the pages hold, oldest first, each once. Walks back in time; pages overlap by a millisecond, because several fills share one and the documents
 * do not say whether the end is included. Part of the fills is never given out as all of them: what ends the walk early is the reply.
 */
export async function collectFills(ask: AskFillPage): Promise<VenueReply<readonly Fill[]>> {
  const found = new Map<string, Fill>();
  let endTimeMs: number | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await ask(endTimeMs);
    if (reply.kind !== 'ok') return reply;
    const before = found.size;
    for (const fill of reply.value) if (!found.has(fill.venueTradeId)) found.set(fill.venueTradeId, fill);
    if (reply.value.length < FILLS_PER_PAGE) return { kind: 'ok', value: oldestFirst(found) };
    if (found.size === before) return { kind: 'unknown', reason: 'a page of fills does not reach back further' };
    endTimeMs = Math.min(...reply.value.map(({ time }) => time)) + 1;
  }
  return { kind: 'unknown', reason: `more than ${MAX_PAGES} pages of fills` };
}

/** Within a millisecond the venue's own order counts. */
function oldestFirst(found: ReadonlyMap<string, Fill>): readonly Fill[] {
  return [...found.values()].reverse().sort((a, b) => a.time - b.time);
}
