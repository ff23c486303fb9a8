import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { RenderedService } from './rendered-service.ts';
import { childMeta, serviceObjectName, type StackContext } from './stack-context.ts';

/** Volume claim of a service whose catalogue row has storage, in the default StorageClass of the cluster. */
export function buildPersistentVolumeClaim(
  context: StackContext,
  { row }: RenderedService,
): V1PersistentVolumeClaim | undefined {
  if (row.storage === undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: childMeta(context, serviceObjectName(context.name, row.name), row.name),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: row.storage.size } } },
  };
}
