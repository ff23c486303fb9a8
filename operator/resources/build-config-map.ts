import type { V1ConfigMap } from '@kubernetes/client-node';
import { SETTINGS_KEY } from './build-pod-template.ts';
import type { RenderedService } from './rendered-service.ts';
import { childMeta, type StackContext } from './stack-context.ts';

/** Settings of a service. Named by content and immutable, so that the settings of a running pod never change. */
export function buildConfigMap(context: StackContext, { row, settings, settingsMap }: RenderedService): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: childMeta(context, settingsMap, row.name),
    immutable: true,
    data: { [SETTINGS_KEY]: settings },
  };
}
