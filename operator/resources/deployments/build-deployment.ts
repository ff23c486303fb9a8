import type { V1Deployment, V1DeploymentStrategy } from '@kubernetes/client-node';
import type { CatalogueRow } from '../../../services/shared/contracts/catalogue.ts';
import { RELEASE_ANNOTATION, selectorOf } from '../../api/v1alpha1/labels.ts';
import { buildPodTemplate } from '../build-pod-template.ts';
import type { RenderedService } from '../rendered-service.ts';
import { childMeta, serviceObjectName, type StackContext } from '../stack-context.ts';
import { standbySecondsOf } from './standby.ts';

/** The Deployment of a long-running service; undefined for a service that is a Job. */
export function buildDeployment(context: StackContext, release: RenderedService): V1Deployment | undefined {
  const { row, replicas, hash, settingsMap } = release;
  if (row.update === 'Job') return undefined;
  const standbySeconds = standbySecondsOf(row);
  const meta = childMeta(context, serviceObjectName(context.name, row.name), row.name);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...meta, annotations: { [RELEASE_ANNOTATION]: hash } },
    spec: {
      replicas,
      ...(standbySeconds === 0 ? {} : { minReadySeconds: standbySeconds }),
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
