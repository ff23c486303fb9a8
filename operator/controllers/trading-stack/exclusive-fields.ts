import type { Exclusive } from '../../kube/apply/added-fields.ts';
import type { ChildKind } from '../../resources/child-object.ts';

/** Addresses and IP families are allocated by the API server, and a second family is up to the cluster. */
const ALLOCATED = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'];

/**
 * Fields of the objects of a stack to which nobody else adds. A pod that reports its release must run exactly that, a
 * rollout must not be paused, and a service or a policy must let in only whom the stack lets in. `kubectl rollout
 * restart` may add its annotation.
 *
 * The other kinds have no such fields: the API server refuses changes of a volume claim and of an immutable ConfigMap,
 * a pod mounts only the keys of a Secret that it names, and pull secrets of a ServiceAccount are up to the cluster.
 */
export const EXCLUSIVE_FIELDS: Readonly<Partial<Record<ChildKind, Exclusive>>> = {
  NetworkPolicy: { path: ['spec'], except: [] },
  Service: { path: ['spec'], except: ALLOCATED.map((field) => `/spec/${field}`) },
  PodDisruptionBudget: { path: ['spec'], except: [] },
  // The API server generates the selector and labels of the pods, and nobody may change the template of a Job that ran.
  Job: { path: ['spec'], except: ['/spec/selector', '/spec/template'] },
  Deployment: {
    path: ['spec'],
    except: ['/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt'],
  },
};
