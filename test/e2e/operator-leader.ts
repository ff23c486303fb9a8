import { OPERATOR_NAME } from '../../operator/api/v1alpha1/labels.ts';
import type { ContainerChoice } from './container-process.ts';
import type { Kubectl } from './kubectl.ts';

/** Returns the holder of the operator's lease: the pod's name and a suffix that identifies the process. */
export async function leaderOf(kubectl: Kubectl, namespace: string): Promise<string> {
  const lease = ['-n', namespace, 'get', 'lease', OPERATOR_NAME, '-o', 'jsonpath={.spec.holderIdentity}'];
  return await kubectl.run(...lease);
}

/** Returns the pod of a holder of the lease. Throws if it runs no longer. */
export async function leaderPod(kubectl: Kubectl, namespace: string, holder: string): Promise<ContainerChoice> {
  const pods = (await kubectl.run('-n', namespace, 'get', 'pods', '-o', 'name')).replaceAll('pod/', '').trim();
  const pod = pods.split('\n').find((name) => holder.startsWith(`${name}_`));
  if (pod === undefined) throw new Error(`no running operator pod matches the holder "${holder}" of the lease`);
  return { namespace, selector: `app.kubernetes.io/name=${OPERATOR_NAME}`, pod };
}
