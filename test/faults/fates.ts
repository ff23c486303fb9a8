import type { Fate } from './faulty-venue.ts';

/** Of an order that is accepted and filled at once. */
export const CALM: Fate = { reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [10], tellings: [0] };
/** Of an order that is accepted and not filled. */
export const RESTING: Fate = { ...CALM, fills: [] };
