import { CATALOGUE, type CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { Release, ServiceRelease } from '../../../releases/render-release.ts';
import type { ServiceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Observation } from '../observe/observation.ts';

/**
 * Returns the release that runs, as far as it is on record and observed. The gates of a stack whose desired release is
 * unknown, such as one with an invalid spec, are evaluated against it. It is never applied: it has no objects.
 */
export function runningRelease(observation: Observation): Release {
  const { tiers = [], services = [], release } = observation.stack.status;
  return {
    hash: release?.target ?? release?.desired ?? '',
    version: '',
    tiers: tiers.map(({ name, release: hash }) => ({
      name,
      hash,
      services: services
        .filter(({ tier }) => tier === name)
        .flatMap((service) => runningService(service, observation) ?? []),
    })),
  };
}

function runningService(
  { name, desired, release }: ServiceStatus,
  { deployments, pods }: Observation,
): ServiceRelease | undefined {
  const row = CATALOGUE.find((candidate: CatalogueRow) => candidate.name === name);
  if (row === undefined) return undefined;
  const replicas = deployments.find(({ service }) => service === name)?.replicas ?? desired;
  const hash = release === '' ? (pods.find(({ service }) => service === name)?.release ?? '') : release;
  return { row, replicas, hash, objects: [] };
}
