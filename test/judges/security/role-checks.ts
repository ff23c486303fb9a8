import type { V1PolicyRule } from '@kubernetes/client-node';
import { objectCheck, type Check } from './check.ts';
import type { Rendered } from './rendered.ts';

const ROLES = ['Role', 'ClusterRole'];
const BINDINGS = ['RoleBinding', 'ClusterRoleBinding'];
const RESERVED = new Set(['bind', 'escalate', 'impersonate']);
const READS = new Set(['get', 'list', 'watch']);

function rulesOf({ rules }: Rendered): readonly V1PolicyRule[] {
  return (rules ?? []) as readonly V1PolicyRule[];
}

function roleCheck(id: string, lists: string, breaks: (rule: V1PolicyRule) => boolean): Check {
  return objectCheck(id, lists, ROLES, (object) => rulesOf(object).some(breaks));
}

/** Rules for rights. */
export const ROLE_CHECKS: readonly Check[] = [
  roleCheck('no-wildcard', 'CIS 5.1.3, Polaris', ({ apiGroups = [], resources = [], verbs }) =>
    [...apiGroups, ...resources, ...verbs].some((text) => text.includes('*')),
  ),
  roleCheck('no-reserved-verb', 'CIS 5.1.8', ({ verbs }) => verbs.some((verb) => RESERVED.has(verb))),
  roleCheck(
    'named-secrets',
    'CIS 5.1.2, kube-linter access-to-secrets',
    ({ resources = [], verbs, resourceNames = [] }) =>
      resources.includes('secrets') && resourceNames.length === 0 && verbs.some((verb) => READS.has(verb)),
  ),
  roleCheck(
    'no-pods-by-hand',
    'CIS 5.1.4, kube-linter access-to-create-pods, Polaris pods/exec',
    ({ resources = [], verbs }) =>
      (resources.includes('pods') && verbs.includes('create')) ||
      resources.some((resource) => ['pods/exec', 'pods/attach', 'pods/ephemeralcontainers'].includes(resource)),
  ),
  objectCheck('no-cluster-admin', 'CIS 5.1.1, kube-linter, Polaris', BINDINGS, ({ roleRef }) =>
    ['cluster-admin', 'admin'].includes((roleRef as { readonly name?: string } | undefined)?.name ?? ''),
  ),
];
