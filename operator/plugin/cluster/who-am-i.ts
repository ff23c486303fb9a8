import { defineResource, type KubeObject } from '../../kube/client/resource.ts';
import type { Cluster } from './cluster.ts';

interface SelfSubjectReview extends KubeObject {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
}

interface SelfSubjectAccessReview extends KubeObject {
  readonly spec?: object;
  readonly status?: { readonly allowed?: boolean; readonly reason?: string };
}

const selfSubjectReviews = defineResource<SelfSubjectReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
});

const selfSubjectAccessReviews = defineResource<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
});

/** A halt must not wait for a name. */
const NAME_MS = 500;

/** Returns the name by which the API server knows the user. Never rejects. */
export async function whoAmI({ client }: Cluster): Promise<string> {
  try {
    const { status } = await client.create(selfSubjectReviews, {}, { deadlineMs: NAME_MS });
    return status?.userInfo?.username ?? 'an unknown user';
  } catch {
    return 'an unknown user';
  }
}

/** Whether the user may run a program in a pod of the namespace. Rejects with KubeError. */
export async function mayExecute({ client, namespace }: Cluster): Promise<boolean> {
  const resourceAttributes = { namespace, verb: 'create', resource: 'pods', subresource: 'exec' };
  const review = { spec: { resourceAttributes } } as KubeObject;
  const { status } = await client.create(selfSubjectAccessReviews, review);
  return status?.allowed === true;
}
