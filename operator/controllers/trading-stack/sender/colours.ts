import type { CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { COLOUR_LABEL } from '../../../api/v1alpha1/labels.ts';
import { COLOURS, type Colour } from '../../../api/v1alpha1/trading-stack/status.ts';
import { serviceObjectName, type Workload } from '../../../resources/stack-context.ts';
import type { ObservedPod } from '../observe/observation.ts';

/** Returns the workloads of a service: one, except for the sender of orders, which has one per colour. */
export function workloadsOf(stack: string, row: CatalogueRow): readonly Workload[] {
  const name = serviceObjectName(stack, row.name);
  if (row.update !== 'Fenced') return [{ name, podLabels: {} }];
  return COLOURS.map((colour) => ({ name: `${name}-${colour}`, podLabels: { [COLOUR_LABEL]: colour } }));
}

/**
 * Returns the colour of a pod of the sender. A pod whose label was removed counts as the first colour, so that a
 * process that sends is never reported as none.
 */
export function colourOf({ labels }: Pick<ObservedPod, 'labels'>): Colour {
  return COLOURS.find((colour) => colour === labels[COLOUR_LABEL]) ?? COLOURS[0];
}
