import type { V1Deployment, V1DeploymentSpec, V1ObjectMeta } from '@kubernetes/client-node';
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
  if (metadata?.name === undefined || spec === undefined) throw new TypeError('a Deployment without a name or a spec');
  for (const labels of labelsOf(metadata, spec)) if (labels !== undefined) labels[COLOUR_LABEL] = colour;
  metadata.name = colouredName(metadata.name, colour);
  spec.replicas = replicas;
  return copy;
}

/** The pods of one colour are spread over nodes, wherever those of the other one are. */
function labelsOf({ labels }: V1ObjectMeta, { selector, template }: V1DeploymentSpec) {
  const spread = template.spec?.topologySpreadConstraints ?? [];
  const selectors = [selector, ...spread.map(({ labelSelector }) => labelSelector)];
  return [labels, template.metadata?.labels, ...selectors.map((one) => one?.matchLabels)];
}
