import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { configMaps } from '../../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../../operator/kube/client/client.ts';
import { defineResource, type KubeObject } from '../../../../operator/kube/client/resource.ts';
import { until } from '../../until.ts';
import { impersonating, testKubeClient, testKubeConfig } from '../kube-client.ts';

/** A user whose requests the API server takes one at a time. It answers any other with 429. */
export interface RationedUser {
  readonly kubeConfig: KubeConfig;
  /** Takes the user's turn with a request that does not end before the returned function is called. */
  occupy(): Promise<() => void>;
}

type WithStatus = KubeObject & { readonly status?: { readonly conditions?: readonly { readonly reason?: string }[] } };

const RBAC = 'rbac.authorization.k8s.io';
const FLOWS = 'flowcontrol.apiserver.k8s.io';
// A level without a share serves one request at a time.
const LIMITS = { nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0 };
const ALL = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] };

const clusterWide = (group: string, plural: string, kind: string) =>
  defineResource<WithStatus>({ group, version: 'v1', plural, kind, namespaced: false });
const bindings = clusterWide(RBAC, 'clusterrolebindings', 'ClusterRoleBinding');
const levels = clusterWide(FLOWS, 'prioritylevelconfigurations', 'PriorityLevelConfiguration');
const schemas = clusterWide(FLOWS, 'flowschemas', 'FlowSchema');

/** Creates a user with every right, whom API priority and fairness limits. */
export async function createRationedUser(admin: KubeClient): Promise<RationedUser> {
  const name = `rationed-${randomUUID().slice(0, 8)}`;
  const metadata = { name };
  const user = { kind: 'User', name, apiGroup: RBAC };
  const roleRef = { kind: 'ClusterRole', name: 'cluster-admin', apiGroup: RBAC };
  const limited = { ...LIMITS, limitResponse: { type: 'Reject' } };
  const rules = [{ subjects: [{ kind: 'User', user: { name } }], resourceRules: [ALL] }];
  const flow = { priorityLevelConfiguration: { name }, matchingPrecedence: 100, rules };
  const kubeConfig = impersonating(testKubeConfig(), name);
  const client = testKubeClient({ kubeConfig });
  const objects = [
    [bindings, { metadata, roleRef, subjects: [user] }],
    [levels, { metadata, spec: { type: 'Limited', limited } }],
    [schemas, { metadata, spec: flow }],
  ] as const;
  for (const [resource, object] of objects) await admin.create(resource, object);
  // The server learns of rights and limits some time after they are stored.
  await until(async () => await client.list(configMaps, { namespace: 'default' }), { toleratesErrors: true });
  await until(async () =>
    (await admin.get(schemas, { name })).status?.conditions?.some(({ reason }) => reason === 'Found'),
  );
  await client.close();
  return { kubeConfig, occupy: async () => await occupy(kubeConfig) };
}

/** Sends a request without its body. The server asks for the body when it has admitted the request. */
async function occupy(kubeConfig: KubeConfig): Promise<() => void> {
  const headers: OutgoingHttpHeaders = { expect: '100-continue', 'content-length': 100 };
  const options: RequestOptions = { method: 'POST', headers };
  await kubeConfig.applyToHTTPSOptions(options);
  const { server = '' } = kubeConfig.getCurrentCluster() ?? {};
  const held = request(`${server}/api/v1/namespaces/default/configmaps`, options);
  await once(held, 'continue');
  return () => void held.on('error', () => undefined).destroy();
}
