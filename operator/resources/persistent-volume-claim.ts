import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { ServiceRelease } from '../releases/render-release.ts';
import { childMeta, serviceObjectName, type StackContext } from './stack-context.ts';

/** The volume of a service whose row has storage, from the cluster's default class. */
export function persistentVolumeClaim(
  context: StackContext,
  { row }: ServiceRelease,
): V1PersistentVolumeClaim | undefined {
  if (row.storage === undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: childMeta(context, serviceObjectName(context.name, row.name), row.name),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: row.storage.size } } },
  };
}
