import type { KubeClient } from '../../../operator/kube/client/client.ts';
import { defineResource, type KubeObject, type Resource } from '../../../operator/kube/client/resource.ts';

/** Applies the objects of the given API groups. The others need controllers that the API server of the tests lacks. */
export async function applyChart(
  client: KubeClient,
  objects: readonly KubeObject[],
  groups: readonly string[],
): Promise<void> {
  for (const object of objects.filter(({ apiVersion = '' }) => groups.includes(groupOf(apiVersion))))
    await client.apply(resourceOf(object), object, { fieldManager: 'helm' });
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

function resourceOf({ apiVersion = '', kind = '', metadata }: KubeObject): Resource {
  const lower = kind.toLowerCase();
  return defineResource({
    group: groupOf(apiVersion),
    version: apiVersion.split('/').at(-1) ?? '',
    plural: lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`,
    kind,
    namespaced: metadata?.namespace !== undefined,
  });
}
