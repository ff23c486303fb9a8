import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { buildServiceObjects, type ChildObject } from '../../../resources/child-object.ts';
import { buildControlSecret } from '../../../resources/build-control-secret.ts';
import { buildDefaultDenyPolicy } from '../../../resources/build-network-policy.ts';
import { buildPaperAccountSecret } from '../../../resources/build-paper-account-secret.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { StackContext } from '../../../resources/stack-context.ts';
import type { ObservedChild, Observation } from '../observe/observation.ts';
import { isPassed } from './tiers.ts';

/** Objects that belong to no service. They are created before any pod. */
export function sharedObjects(context: StackContext, { own }: Pick<Observation, 'own'>): readonly ChildObject[] {
  const objects = [
    buildDefaultDenyPolicy(context),
    buildControlSecret(context, own.controlToken),
    buildPaperAccountSecret(context, own.paperKeys),
  ];
  return objects.filter((object) => object !== undefined);
}

/** Objects of all tiers that are not Waiting. A waiting tier keeps the objects that it has. */
export function openedObjects(
  context: StackContext,
  release: Release,
  tiers: readonly TierStatus[],
): readonly ChildObject[] {
  const open = new Set(tiers.filter(({ state }) => state !== 'Waiting').map(({ name }) => name));
  return release.tiers
    .filter(({ name }) => open.has(name))
    .flatMap(({ services }) => services.flatMap((service) => buildServiceObjects(context, service)));
}

/**
 * Objects left over from earlier releases. Those of a service are deleted once its tier has passed, because then no old
 * pod needs them. Those of no service in the release are deleted when all tiers have passed.
 */
export function superfluous(
  children: readonly ObservedChild[],
  objects: readonly ChildObject[],
  { release, tiers }: { readonly release: Release; readonly tiers: readonly TierStatus[] },
): readonly ObservedChild[] {
  const desired = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata?.name}`));
  const passed = new Set(tiers.filter(isPassed).map(({ name }) => name));
  const tierOf = new Map(release.tiers.flatMap(({ name, services }) => services.map(({ row }) => [row.name, name])));
  return children.filter(({ kind, name, service, deleting }) => {
    const tier = tierOf.get(service as ServiceName);
    const done = tier === undefined ? passed.size === tiers.length : passed.has(tier);
    return done && !deleting && !desired.has(`${kind}/${name}`);
  });
}
