import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import { selectorOf } from '../api/v1alpha1/labels.ts';
import type { ServiceRelease } from '../releases/render-release.ts';
import { childMeta, serviceObjectName, type StackContext } from './stack-context.ts';

/** At most one pod at a time is evicted. Not "at least one stays": a node with a single copy could never be drained. */
export function podDisruptionBudget(context: StackContext, { row }: ServiceRelease): V1PodDisruptionBudget | undefined {
  if (row.update === 'Job') return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: childMeta(context, serviceObjectName(context.name, row.name), row.name),
    spec: { maxUnavailable: 1, selector: { matchLabels: { ...selectorOf(context.name, row.name) } } },
  };
}
