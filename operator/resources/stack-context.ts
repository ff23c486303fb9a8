import type { V1OwnerReference } from '@kubernetes/client-node';
import { CATALOGUE, type CatalogueRow, type ServiceName } from '../../services/shared/contracts/catalogue.ts';
import { labelsOf } from '../api/v1alpha1/labels.ts';
import type { TradingStackSpec } from '../api/v1alpha1/trading-stack/spec.ts';
import { TRADING_STACK, TRADING_STACK_API_VERSION } from '../api/v1alpha1/trading-stack/trading-stack.ts';

/** Facts about the cluster from the configuration of the operator. */
export interface Surroundings {
  /** Namespace of the operator. */
  readonly operatorNamespace: string;
  readonly resolver: Resolver;
}

/** DNS resolver of the cluster: its pods, and further addresses such as that of a node-local cache. */
export interface Resolver {
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly cidrs: readonly string[];
  /** Port of the pods, not of their Service. */
  readonly port: number;
}

/** Input of the builders: the parsed TradingStack and the surroundings. */
export interface StackContext extends Surroundings {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly spec: TradingStackSpec;
}

/**
 * `<name>-<first 8 characters of the UID>`: key of the stack's rows. A stack that is deleted and recreated gets a new
 * one.
 */
export function stackIdOf({ name, uid }: Pick<StackContext, 'name' | 'uid'>): string {
  return `${name}-${uid.slice(0, 8)}`;
}

export interface ChildMeta {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly ownerReferences: V1OwnerReference[];
}

/** Metadata of a child: name, namespace, labels, and the stack as controlling owner. */
export function childMeta(
  context: Pick<StackContext, 'name' | 'namespace' | 'uid'>,
  name: string,
  service?: ServiceName,
): ChildMeta {
  return {
    name,
    namespace: context.namespace,
    labels: { ...labelsOf(context.name, service) },
    ownerReferences: [ownerOf(context)],
  };
}

function ownerOf({ name, uid }: Pick<StackContext, 'name' | 'uid'>): V1OwnerReference {
  return {
    apiVersion: TRADING_STACK_API_VERSION,
    kind: TRADING_STACK.kind,
    name,
    uid,
    controller: true,
    // Only decides that a stack deleted in the foreground does not wait for the child, and that the operator needs no
    // right to the stack's finalizers (OwnerReferencesPermissionEnforcement). Whatever it is, the garbage collector
    // deletes the children of such a stack at once: a policy of charts/operator refuses that deletion.
    blockOwnerDeletion: false,
  };
}

/** Name of the objects of a service, such as `demo-ws`. */
export function serviceObjectName(stack: string, service: ServiceName): string {
  return `${stack}-${service}`;
}

/** Returns the services that run in the mode of the stack, in catalogue order. */
export function servicesOf({ spec }: Pick<StackContext, 'spec'>): readonly CatalogueRow[] {
  return CATALOGUE.filter(({ modes }) => modes === undefined || modes.includes(spec.mode));
}
