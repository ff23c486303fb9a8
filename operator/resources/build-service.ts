import type { V1Service } from '@kubernetes/client-node';
import { selectorOf } from '../api/v1alpha1/labels.ts';
import type { RenderedService } from './rendered-service.ts';
import { childMeta, serviceObjectName, type StackContext } from './stack-context.ts';

/** Service object: the address of a service in the namespace; undefined for a Job. */
export function buildService(context: StackContext, { row }: RenderedService): V1Service | undefined {
  if (row.update === 'Job') return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMeta(context, serviceObjectName(context.name, row.name), row.name),
    spec: {
      type: 'ClusterIP',
      selector: { ...selectorOf(context.name, row.name) },
      ports: [{ name: 'http', port: row.port, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}
