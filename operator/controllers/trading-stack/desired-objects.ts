import type { TierStatus } from '../../api/v1alpha1/status.ts';
import { serviceObjects, type ChildObject } from '../../resources/child-object.ts';
import { controlSecret } from '../../resources/control-secret.ts';
import { defaultDenyPolicy } from '../../resources/network-policy.ts';
import { paperAccountSecret } from '../../resources/paper-account-secret.ts';
import type { Release } from '../../resources/release.ts';
import type { StackContext } from '../../resources/stack-context.ts';
import type { ObservedChild, Observation } from './observation.ts';

/** What belongs to no service: made first, before any pod. */
export function sharedObjects(context: StackContext, { own }: Pick<Observation, 'own'>): readonly ChildObject[] {
  const objects = [
    defaultDenyPolicy(context),
    controlSecret(context, own.controlToken),
    paperAccountSecret(context, own.paperKeys),
  ];
  return objects.filter((object) => object !== undefined);
}

/** Objects of all tiers that are opened; one that waits keeps what it runs. */
export function openedObjects(
  context: StackContext,
  release: Release,
  tiers: readonly TierStatus[],
): readonly ChildObject[] {
  const open = new Set(tiers.filter(({ state }) => state !== 'Waiting').map(({ name }) => name));
  return release.tiers
    .filter(({ name }) => open.has(name))
    .flatMap(({ services }) => services.flatMap((service) => serviceObjects(context, service)));
}

/** Left over from earlier releases: to be deleted once the present one runs in all tiers. */
export function superfluous(
  children: readonly ObservedChild[],
  objects: readonly ChildObject[],
): readonly ObservedChild[] {
  const wanted = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata?.name}`));
  return children.filter(({ kind, name, deleting }) => !deleting && !wanted.has(`${kind}/${name}`));
}
