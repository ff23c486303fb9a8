import type { V1Deployment, V1DeploymentStrategy } from '@kubernetes/client-node';
import type { CatalogueRow } from '../../../services/shared/contracts/catalogue.ts';
import { RELEASE_ANNOTATION, selectorOf } from '../../api/v1alpha1/labels.ts';
import { buildPodTemplate } from '../build-pod-template.ts';
import type { RenderedService } from '../rendered-service.ts';
import { childMeta, serviceObjectName, type StackContext } from '../stack-context.ts';

/**
 * A process of the release before stays so long after another one was activated, which is when that one is ready. If
 * the new process ends at once, the old one works the exits, and is activated again by a rollback.
 */
const STANDBY_SECONDS = 10;

/** The Deployment of a long-running service; undefined for a service that is a Job. */
export function buildDeployment(context: StackContext, release: RenderedService): V1Deployment | undefined {
  const { row, replicas, hash, settingsMap } = release;
  if (row.update === 'Job') return undefined;
  const meta = childMeta(context, serviceObjectName(context.name, row.name), row.name);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...meta, annotations: { [RELEASE_ANNOTATION]: hash } },
    spec: {
      replicas,
      ...(row.oneReleaseDecides === true ? { minReadySeconds: STANDBY_SECONDS } : {}),
      revisionHistoryLimit: 2,
      strategy: strategyOf(row),
      selector: { matchLabels: { ...selectorOf(context.name, row.name) } },
      template: buildPodTemplate(context, row, { release: hash, settingsMap }),
    },
  };
}

/**
 * Recreate where two pods would compete for an account, a volume or a fence. Otherwise the new pod is available before
 * the old one stops.
 */
function strategyOf({ update }: CatalogueRow): V1DeploymentStrategy {
  if (update !== 'Rolling') return { type: 'Recreate' };
  return { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
}
