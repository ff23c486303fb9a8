import type { V1ClusterRole, V1Role } from '@kubernetes/client-node';
import type { KubeObject } from '../../../operator/kube/client/resource.ts';
import type { ApiRequest } from './audit-log.ts';

/** Returns the rights of the roles among the objects, as `group resource verb`, with the name where it is limited. */
export function grantedRights(objects: readonly KubeObject[]): readonly string[] {
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role') as (V1ClusterRole | V1Role)[];
  const rights = roles.flatMap(({ rules }) =>
    (rules ?? []).flatMap(({ apiGroups = [], resources = [], verbs, resourceNames }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) => (resourceNames ?? ['']).map((name) => rightOf(group, resource, verb, name))),
        ),
      ),
    ),
  );
  return unique(rights);
}

/**
 * Returns the rights that the requests needed. A server-side apply that created the object needed two. A list or watch
 * of one name needs the right for that name, which only Secrets are granted by.
 */
export function usedRights(requests: readonly ApiRequest[]): readonly string[] {
  return unique(
    requests.flatMap(({ group, resource, verb, name = '', created }) => {
      const isNamed = resource === 'secrets' || (resource === 'leases' && verb !== 'create');
      const rights = [rightOf(group, resource, verb, isNamed ? name : '')];
      return created && verb === 'patch'
        ? [...rights, rightOf(group, resource, 'create', isNamed ? name : '')]
        : rights;
    }),
  );
}

function rightOf(group: string, resource: string, verb: string, name: string): string {
  return [group, resource, verb, name].filter((part) => part !== '').join(' ');
}

function unique(rights: readonly string[]): readonly string[] {
  return [...new Set(rights)].toSorted((a, b) => a.localeCompare(b));
}
