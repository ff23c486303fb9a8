import type { V1OwnerReference } from '@kubernetes/client-node';
import type { ServiceName } from '../../services/shared/contracts/catalogue.ts';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { labelsOf } from '../api/v1alpha1/labels.ts';
import type { TradingStackSpec } from '../api/v1alpha1/trading-stack/spec.ts';
import { TRADING_STACK, TRADING_STACK_API_VERSION } from '../api/v1alpha1/trading-stack/trading-stack.ts';

/** What the operator was told of the cluster. */
export interface Surroundings {
  /** Where the operator itself runs. */
  readonly operatorNamespace: string;
  readonly resolver: Resolver;
}

/** Who answers look-ups of names: pods, and addresses beside them such as that of a cache on each node. */
export interface Resolver {
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly cidrs: readonly string[];
  /** Of the pods themselves, not of the Service before them. */
  readonly port: number;
}

/** Everything that builders may know: the resource as parsed, and the surroundings. */
export interface StackContext extends Surroundings {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly spec: TradingStackSpec;
}

/** `<name>-<first 8 of the uid>`: key of the stack's rows, new for a stack that was deleted and made again. */
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

/** Metadata of a child: name, labels, and the stack as its controller. */
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
    blockOwnerDeletion: true,
  };
}

/** Name of a service's objects: `demo-ws`. */
export function serviceObjectName(stack: string, service: ServiceName): string {
  return `${stack}-${service}`;
}

/** Name of a service's Deployment: the sender of orders carries its colour. */
export function deploymentName(stack: string, service: ServiceName): string {
  const name = serviceObjectName(stack, service);
  return catalogueRow(service).update === 'Fenced' ? `${name}-blue` : name;
}
