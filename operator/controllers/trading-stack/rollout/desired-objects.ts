import { senderRow, type ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import { CONTROL_SECRET, FINALIZER } from '../../../api/v1alpha1/labels.ts';
import type { TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ChildObject } from '../../../resources/child-object.ts';
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

/**
 * The Secret of the control token, if somebody deleted it. Without it no process that starts obeys a command, so it is
 * created again even for a stack that is suspended or whose spec cannot be read, once the stack was rolled out.
 */
export function missingControlSecret({ stack, takenBy, secrets, own }: Observation): readonly ChildObject[] {
  const isThere = secrets.get(CONTROL_SECRET)?.keys.has('token') === true;
  if (isThere || takenBy !== undefined || !stack.finalizers.includes(FINALIZER)) return [];
  return [buildControlSecret(stack, own.controlToken)];
}

/** Objects of all tiers that are not Waiting. A waiting tier keeps the objects that it has. */
export function openedObjects(release: Release, tiers: readonly TierStatus[]): readonly ChildObject[] {
  const open = new Set(tiers.filter(({ state }) => state !== 'Waiting').map(({ name }) => name));
  return everyObject({ tiers: release.tiers.filter(({ name }) => open.has(name)) });
}

/** Objects of all services, without the Deployments of the sender. */
export function everyObject({ tiers }: Pick<Release, 'tiers'>): readonly ChildObject[] {
  return tiers.flatMap(({ services }) => services.flatMap(({ objects }) => objects));
}

interface Kept {
  readonly release: Release;
  readonly tiers: readonly Pick<TierStatus, 'name' | 'state'>[];
  /** Names of the records of releases that can be rolled back to. */
  readonly records: readonly string[];
  /** Whether a colour of the sender runs a release that cannot be restored: its objects stay as they are. */
  readonly isUnrestored: boolean;
}

/**
 * Objects left over from earlier releases. Those of a service are deleted once its tier has passed, because then no old
 * pod needs them. Those of no service in the release are deleted when all tiers have passed.
 */
export function superfluous(
  children: readonly ObservedChild[],
  objects: readonly ChildObject[],
  { release, tiers, records, isUnrestored }: Kept,
): readonly ObservedChild[] {
  const desired = new Set([
    ...objects.map(({ kind, metadata }) => `${kind}/${metadata?.name}`),
    ...records.map((name) => `ConfigMap/${name}`),
  ]);
  const passed = new Set(tiers.filter(isPassed).map(({ name }) => name));
  const tierOf = new Map(release.tiers.flatMap(({ name, services }) => services.map(({ row }) => [row.name, name])));
  return children.filter(({ kind, name, service, deleting }) => {
    const tier = tierOf.get(service as ServiceName);
    if (isUnrestored && service === senderRow().name) return false;
    const done = tier === undefined ? passed.size === tiers.length : passed.has(tier);
    return done && !deleting && !desired.has(`${kind}/${name}`);
  });
}
