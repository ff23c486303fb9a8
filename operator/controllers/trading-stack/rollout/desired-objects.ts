import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { serviceObjects, type ChildObject } from '../../../resources/child-object.ts';
import { controlSecret } from '../../../resources/control-secret.ts';
import { defaultDenyPolicy } from '../../../resources/network-policy.ts';
import { paperAccountSecret } from '../../../resources/paper-account-secret.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { StackContext } from '../../../resources/stack-context.ts';
import type { ObservedChild, Observation } from '../observe/observation.ts';
import type { ServiceView } from './gates.ts';
import { isPassed, opensForHalt } from './tiers.ts';

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

/**
 * Of risk and execution, where the spec says halt: an emergency stop waits neither for a Secret of some other service nor for the end of
 * a suspension. A pod of theirs that lacks its own Secret does not start, and sends nothing either.
 */
export function stoppingObjects(
  context: StackContext,
  release: Release,
  viewOf: (service: string) => ServiceView,
): readonly ChildObject[] {
  if (!context.spec.halt) return [];
  return release.tiers
    .filter((tier) => opensForHalt(tier, viewOf))
    .flatMap(({ services }) => services.flatMap((service) => serviceObjects(context, service)));
}

/**
 * Left over from earlier releases. A service's are to be deleted once its tier has passed: no pod of before is there to need them. What
 * belongs to no service of the release goes when all tiers have passed.
 */
export function superfluous(
  children: readonly ObservedChild[],
  objects: readonly ChildObject[],
  { release, tiers }: { readonly release: Release; readonly tiers: readonly TierStatus[] },
): readonly ObservedChild[] {
  const wanted = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata?.name}`));
  const passed = new Set(tiers.filter(isPassed).map(({ name }) => name));
  const tierOf = new Map(release.tiers.flatMap(({ name, services }) => services.map(({ row }) => [row.name, name])));
  return children.filter(({ kind, name, service, deleting }) => {
    const tier = tierOf.get(service as ServiceName);
    const done = tier === undefined ? passed.size === tiers.length : passed.has(tier);
    return done && !deleting && !wanted.has(`${kind}/${name}`);
  });
}
