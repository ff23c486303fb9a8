import type { V1Deployment } from '@kubernetes/client-node';
import type { ChildObject } from '../child-object.ts';

/** Returns the labels by which a Deployment selects its pods; none of another kind. */
export function selectorOfDeployment(object: ChildObject): Readonly<Record<string, string>> {
  return object.kind === 'Deployment' ? ((object as V1Deployment).spec?.selector.matchLabels ?? {}) : {};
}
