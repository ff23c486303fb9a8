import type { V1Deployment } from '@kubernetes/client-node';
import type { CatalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { TIERS, type TierName } from '../../services/shared/contracts/service-row.ts';
import { canonicalJson } from '../../services/shared/domain/canonical-json.ts';
import { contentHash } from './content-hash.ts';
import { buildPodTemplate, overrideOf } from '../resources/build-pod-template.ts';
import { buildSettings } from '../resources/settings/build-settings.ts';
import { podSecrets } from '../resources/pod-secrets.ts';
import { buildDeployment } from '../resources/deployments/build-deployment.ts';
import { buildServiceObjects, isFenced, type ChildObject } from '../resources/child-object.ts';
import type { RenderedService } from '../resources/rendered-service.ts';
import { serviceObjectName, servicesOf, type StackContext } from '../resources/stack-context.ts';

/** A service in a release, with every object that it consists of. */
export interface ServiceRelease extends Pick<RenderedService, 'row' | 'replicas' | 'hash'> {
  /** In the order of creation. */
  readonly objects: readonly ChildObject[];
  /** Of the sender only: what the Deployment of each colour is made of. */
  readonly deployment?: V1Deployment;
}

export interface TierRelease {
  readonly name: TierName;
  /** Tier hash: over the service hashes. */
  readonly hash: string;
  readonly services: readonly ServiceRelease[];
}

export interface Release {
  readonly hash: string;
  /** Version name, for display only. */
  readonly version: string;
  readonly tiers: readonly TierRelease[];
}

/**
 * Renders a release: the image, the rendered settings and the versions of the Secrets. Each service hash covers the
 * whole pod template, so that a change restarts only the services that it affects. `secretVersions` maps the name of a
 * Secret to a text that changes with its content.
 */
export function renderRelease(context: StackContext, secretVersions: ReadonlyMap<string, string>): Release {
  const services = servicesOf(context).map((row) => {
    const rendered = renderService(context, row, secretVersions);
    const { replicas, hash } = rendered;
    const deployment = isFenced(rendered) ? buildDeployment(context, rendered) : undefined;
    const objects = buildServiceObjects(context, rendered);
    return { row, replicas, hash, objects, ...(deployment === undefined ? {} : { deployment }) };
  });
  return releaseOf(services, context.spec.release.version);
}

/** Returns the release that consists of these services, which are in catalogue order. */
export function releaseOf(services: readonly ServiceRelease[], version: string): Release {
  const tiers = TIERS.map((name) => tierOf(name, services)).filter((tier) => tier.services.length > 0);
  return { hash: contentHash(tiers.map(({ hash }) => hash)), version, tiers };
}

export function renderService(
  context: StackContext,
  row: CatalogueRow,
  secretVersions: ReadonlyMap<string, string>,
): RenderedService {
  const document = buildSettings(context, row.name);
  const settings = canonicalJson(document);
  const settingsMap = `${serviceObjectName(context.name, row.name)}-${contentHash(document)}`;
  const secrets = podSecrets(row, context.spec).map(({ secretName }) => secretVersions.get(secretName) ?? '');
  const template = buildPodTemplate(context, row, { release: '', settingsMap });
  const replicas = overrideOf(context.spec, row.name).replicas ?? row.replicas;
  return { row, replicas, settings, settingsMap, hash: contentHash({ template, secrets }) };
}

function tierOf(name: TierName, all: readonly ServiceRelease[]): TierRelease {
  const services = all.filter(({ row }) => row.tier === name);
  return { name, services, hash: contentHash(services.map(({ row, hash }) => [row.name, hash])) };
}
