import type { V1ConfigMap } from '@kubernetes/client-node';
import { SETTINGS_KEY } from './pod-template.ts';
import type { ServiceRelease } from '../releases/render-release.ts';
import { childMeta, type StackContext } from './stack-context.ts';

/** A service's settings. Named by content and immutable: a running pod never sees other settings than it started with. */
export function configMap(context: StackContext, { row, settings, settingsMap }: ServiceRelease): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: childMeta(context, settingsMap, row.name),
    immutable: true,
    data: { [SETTINGS_KEY]: settings },
  };
}
