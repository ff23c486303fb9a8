import type { V1Deployment } from '@kubernetes/client-node';
import type { ChildObject } from '../resources/child-object.ts';
import type { Release, ServiceRelease } from './render-release.ts';

/**
 * Returns a release with the numbers of pods of another one: they are not part of its content, and a change of them
 * does not wait for the rollout of the other. The sender of orders keeps its own.
 */
export function withReplicasOf(release: Release, { tiers: wanted }: Release): Release {
  const replicas = new Map(
    wanted.flatMap(({ services }) => services.map(({ row, replicas: count }) => [row.name, count] as const)),
  );
  const scaled = (service: ServiceRelease): ServiceRelease => {
    const count = replicas.get(service.row.name) ?? service.replicas;
    if (count === service.replicas || service.row.update === 'Fenced') return service;
    return { ...service, replicas: count, objects: service.objects.map((object) => scaledObject(object, count)) };
  };
  return { ...release, tiers: release.tiers.map((tier) => ({ ...tier, services: tier.services.map(scaled) })) };
}

function scaledObject(object: ChildObject, replicas: number): ChildObject {
  if (object.kind !== 'Deployment') return object;
  const scaled = structuredClone(object as V1Deployment);
  if (scaled.spec !== undefined) scaled.spec.replicas = replicas;
  return scaled;
}
