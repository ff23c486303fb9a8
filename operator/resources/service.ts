import type { V1Service } from '@kubernetes/client-node';
import { selectorOf } from '../api/v1alpha1/labels.ts';
import type { ServiceRelease } from '../releases/render-release.ts';
import { childMeta, serviceObjectName, type StackContext } from './stack-context.ts';

/** The address of a service within the namespace; a job has none. */
export function service(context: StackContext, { row }: ServiceRelease): V1Service | undefined {
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
