import type { V1Deployment } from '@kubernetes/client-node';
import { COLOUR_LABEL } from '../../api/v1alpha1/labels.ts';
import type { Colour } from '../../api/v1alpha1/trading-stack/status.ts';

/** Name of the Deployment of a colour of the sender. */
export function colouredName(name: string, colour: Colour): string {
  return `${name}-${colour}`;
}

/**
 * Returns the Deployment of one colour of the sender. The colour is part of the selector, which is immutable: the two
 * must never select each other's pods.
 */
export function colouredDeployment(deployment: V1Deployment, colour: Colour, replicas: number): V1Deployment {
  const copy = structuredClone(deployment);
  const { metadata, spec } = copy;
  const labels = [metadata?.labels, spec?.selector.matchLabels, spec?.template.metadata?.labels];
  if (metadata?.name === undefined || spec === undefined) throw new TypeError('a Deployment without a name or a spec');
  for (const each of labels) if (each !== undefined) each[COLOUR_LABEL] = colour;
  metadata.name = colouredName(metadata.name, colour);
  spec.replicas = replicas;
  return copy;
}
