import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import { selectorOf } from '../api/v1alpha1/labels.ts';
import type { RenderedService } from './rendered-service.ts';
import { childMeta, serviceObjectName, type StackContext } from './stack-context.ts';

/**
 * Allows one unavailable pod at a time. A minimum of one available pod instead would block the drain of a node with the
 * only pod.
 */
export function buildPodDisruptionBudget(
  context: StackContext,
  { row }: RenderedService,
): V1PodDisruptionBudget | undefined {
  if (row.update === 'Job') return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: childMeta(context, serviceObjectName(context.name, row.name), row.name),
    spec: { maxUnavailable: 1, selector: { matchLabels: { ...selectorOf(context.name, row.name) } } },
  };
}
