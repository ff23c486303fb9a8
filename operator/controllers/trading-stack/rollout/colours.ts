import { COLOUR_LABEL } from '../../../api/v1alpha1/labels.ts';
import { COLOURS, type Colour, type ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';

/**
 * Returns the colour of a pod of the sender. A pod whose label was removed counts as the first colour, so that a
 * process that sends is never reported as none.
 */
export function colourOf({ labels }: Pick<ObservedPod, 'labels'>): Colour {
  return COLOURS.find((colour) => colour === labels[COLOUR_LABEL]) ?? COLOURS[0];
}

export function otherColour(colour: Colour): Colour {
  return colour === 'blue' ? 'green' : 'blue';
}

/** Returns the colour that sends, or that was last chosen to. */
export function sendingColour({
  active,
  transition,
  lastSwap,
}: Pick<ExecutionStatus, 'active' | 'transition' | 'lastSwap'>): Colour {
  const sending = COLOURS.find((colour) => colour === active);
  return sending ?? transition?.to ?? lastSwap?.to ?? COLOURS[0];
}

/**
 * Returns the colour that is to run a service hash: the one that sends if it is of that hash or of none yet, otherwise
 * the other one, which takes over once it is ready.
 */
export function colourFor(execution: ExecutionStatus | undefined, hash: string): Colour {
  const sending = sendingColour(execution ?? NO_SENDER);
  const assigned = execution?.[sending]?.service;
  return assigned === undefined || assigned === hash ? sending : otherColour(sending);
}

export const NO_SENDER: ExecutionStatus = { active: 'none', epoch: 0 };
