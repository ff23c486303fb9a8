import type { V1Job } from '@kubernetes/client-node';
import { RELEASE_ANNOTATION } from '../api/v1alpha1/labels.ts';
import { buildPodTemplate } from './build-pod-template.ts';
import type { RenderedService } from './rendered-service.ts';
import { childMeta, serviceObjectName, type StackContext } from './stack-context.ts';

/** Restarts of the container, with growing delays, before the Job fails: some hours without a database. */
const BACKOFF_LIMIT = 50;

/**
 * The Job of a service that runs once per release; undefined for other services. The pod template of a Job is
 * immutable, so its name contains the hash.
 */
export function buildJob(context: StackContext, release: RenderedService): V1Job | undefined {
  const { row, hash, settingsMap } = release;
  if (row.update !== 'Job') return undefined;
  const meta = childMeta(context, jobName(context.name, release), row.name);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...meta, annotations: { [RELEASE_ANNOTATION]: hash } },
    spec: {
      backoffLimit: BACKOFF_LIMIT,
      completions: 1,
      parallelism: 1,
      template: buildPodTemplate(context, row, { release: hash, settingsMap }),
    },
  };
}

export function jobName(stack: string, { row, hash }: RenderedService): string {
  return `${serviceObjectName(stack, row.name)}-${hash}`;
}
