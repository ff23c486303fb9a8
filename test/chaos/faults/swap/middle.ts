import type { Colour, ExecutionStatus } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { otherColour, sendingColour } from '../../../../operator/controllers/trading-stack/rollout/colours.ts';

/**
 * Moments of a swap at which a fault can strike, in their order: its spec is patched; the next sender is ready; the
 * next epoch is recorded; the next sender has it.
 */
export const MOMENTS = ['Patched', 'Armed', 'Recorded', 'Taken'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Draws a moment, the earliest one or a later, by the seconds that the seed has drawn. */
export function momentOf(seconds: number, earliest: Moment): Moment {
  const possible = MOMENTS.slice(MOMENTS.indexOf(earliest));
  return possible[seconds % possible.length] ?? earliest;
}

/** The colours of a swap that starts now: the one that sends, and the other. */
export function coloursOf(before: ExecutionStatus): { readonly from: Colour; readonly to: Colour } {
  const from = sendingColour(before);
  return { from, to: otherColour(from) };
}

/** Whether a swap has come as far as a moment, or further. */
export function hasReached(moment: Moment, before: ExecutionStatus, now: ExecutionStatus): boolean {
  const reached: Readonly<Record<Moment, boolean>> = {
    Patched: true,
    Armed: isArmed(before, now),
    Recorded: (now.transition?.epoch ?? 0) > before.epoch,
    Taken: now.epoch > before.epoch,
  };
  return MOMENTS.slice(MOMENTS.indexOf(moment)).some((one) => reached[one]);
}

/** One that stood by in the wanted release never counts: it takes over at once, as the epoch shows. */
function isArmed(before: ExecutionStatus, now: ExecutionStatus): boolean {
  const { to } = coloursOf(before);
  const isNew = now[to]?.service !== before[to]?.service;
  return isNew && now[to]?.state === 'armed' && now[to].ready > 0;
}
