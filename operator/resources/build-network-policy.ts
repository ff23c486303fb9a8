import type {
  V1NetworkPolicy,
  V1NetworkPolicyEgressRule,
  V1NetworkPolicyIngressRule,
  V1NetworkPolicyPeer,
} from '@kubernetes/client-node';
import { catalogueRow, type CatalogueRow, type Peer } from '../../services/shared/contracts/catalogue.ts';
import { NAMESPACE_NAME_LABEL, NAME_LABEL, OPERATOR_NAME, selectorOf, STACK_LABEL } from '../api/v1alpha1/labels.ts';
import type { RenderedService } from './rendered-service.ts';
import { childMeta, serviceObjectName, servicesOf, type StackContext } from './stack-context.ts';

/**
 * Denies all traffic of the stack's pods, in both directions, that no other policy allows. Policies add up, so a rule
 * that somebody adds to this one would open every pod. An empty list is rendered, because a field that is left out
 * belongs to others and is not repaired.
 */
export function buildDefaultDenyPolicy(context: Pick<StackContext, 'name' | 'namespace' | 'uid'>): V1NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMeta(context, `${context.name}-default-deny`),
    spec: {
      podSelector: { matchLabels: { [STACK_LABEL]: context.name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    },
  };
}

/** Allows the connections of a service in the catalogue, requests from the operator, and DNS lookups. */
export function buildNetworkPolicy(context: StackContext, { row }: Pick<RenderedService, 'row'>): V1NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMeta(context, serviceObjectName(context.name, row.name), row.name),
    spec: {
      podSelector: { matchLabels: { ...selectorOf(context.name, row.name) } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [ingressOf(context, row)],
      egress: egressOf(context, row),
    },
  };
}

/** client-node renames `from` to `_from`, because other languages reserve the word. On the wire it is `from`. */
type IngressRule = Omit<V1NetworkPolicyIngressRule, '_from'> & { readonly from: V1NetworkPolicyPeer[] };

function ingressOf(context: StackContext, row: CatalogueRow): IngressRule {
  const callers = servicesOf(context).filter(({ peers }) => peers.includes(row.name));
  const operator: V1NetworkPolicyPeer = {
    namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: context.operatorNamespace } },
    podSelector: { matchLabels: { [NAME_LABEL]: OPERATOR_NAME } },
  };
  const from = [operator, ...callers.map(({ name }) => podsOf(selectorOf(context.name, name)))];
  return { from, ports: [tcp(row.port)] };
}

function egressOf(context: StackContext, row: CatalogueRow): V1NetworkPolicyEgressRule[] {
  if (row.peers.length === 0) return [];
  return [dns(context), ...row.peers.map((peer) => edgeTo(context, peer))];
}

function edgeTo({ name, spec }: StackContext, peer: Peer): V1NetworkPolicyEgressRule {
  if (peer === 'redis') return platformEdge('redis', spec.redis);
  if (peer === 'postgres') return platformEdge('postgres', spec.postgres);
  return { to: [podsOf(selectorOf(name, peer))], ports: [tcp(catalogueRow(peer).port)] };
}

/** Allows the platform chart's own pods or one IPv4 address. Any other host name can be limited by its port only. */
function platformEdge(
  store: 'redis' | 'postgres',
  { host, port }: { readonly host: string; readonly port: number },
): V1NetworkPolicyEgressRule {
  const ports = [tcp(port)];
  if (host === store) return { to: [podsOf({ [NAME_LABEL]: store })], ports };
  return IPV4.test(host) ? { to: [{ ipBlock: { cidr: `${host}/32` } }], ports } : { ports };
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}$/;

function dns({ resolver: { namespace, podLabels, cidrs, port } }: StackContext): V1NetworkPolicyEgressRule {
  const pods: V1NetworkPolicyPeer = {
    namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } },
    podSelector: { matchLabels: { ...podLabels } },
  };
  return { to: [pods, ...cidrs.map((cidr) => ({ ipBlock: { cidr } }))], ports: [{ protocol: 'UDP', port }, tcp(port)] };
}

function podsOf(matchLabels: Readonly<Record<string, string>>): V1NetworkPolicyPeer {
  return { podSelector: { matchLabels: { ...matchLabels } } };
}

function tcp(port: number): { protocol: string; port: number } {
  return { protocol: 'TCP', port };
}
