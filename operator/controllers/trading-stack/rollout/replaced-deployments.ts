import type { ChildObject } from '../../../resources/child-object.ts';
import { selectorOfDeployment } from '../../../resources/deployments/selector-of-deployment.ts';
import type { ObservedChild, Observation } from '../observe/observation.ts';

/**
 * Separates the Deployments whose selector differs from the desired one. It is immutable, so they are deleted, and
 * created by the next reconcile.
 */
export function withoutReplaced(
  wanted: readonly ChildObject[],
  { children, deployments }: Pick<Observation, 'children' | 'deployments'>,
): { readonly objects: readonly ChildObject[]; readonly replaced: readonly ObservedChild[] } {
  const isReplaced = (object: ChildObject): boolean => {
    const present = deployments.find(({ name }) => object.kind === 'Deployment' && name === object.metadata?.name);
    return present !== undefined && !sameLabels(present.selector, selectorOfDeployment(object));
  };
  const names = new Set(wanted.filter(isReplaced).map(({ metadata }) => metadata?.name));
  return {
    objects: wanted.filter((object) => !isReplaced(object)),
    replaced: children.filter(({ kind, name, deleting }) => kind === 'Deployment' && names.has(name) && !deleting),
  };
}

type Labels = Readonly<Record<string, string>>;

function sameLabels(one: Labels, other: Labels): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => one[key] === other[key]);
}
