import type { V1ServiceAccount } from '@kubernetes/client-node';
import type { RenderedService } from './rendered-service.ts';
import { childMeta, serviceObjectName, type StackContext } from './stack-context.ts';

/** ServiceAccount of a service. It mounts no token, because no service uses the API server. */
export function buildServiceAccount(context: StackContext, { row }: RenderedService): V1ServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: childMeta(context, serviceObjectName(context.name, row.name), row.name),
    automountServiceAccountToken: false,
  };
}
