import { describe, expect, it } from 'vitest';
import {
  CATALOGUE,
  catalogueRow,
  type CatalogueRow,
  type ServiceName,
} from '../../services/shared/contracts/catalogue.ts';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { buildDefaultDenyPolicy, buildNetworkPolicy } from './build-network-policy.ts';
import { findDrift } from '../kube/apply/drift.ts';
import { renderRelease, type ServiceRelease } from '../releases/render-release.ts';

const context = stackContext();
const releases = renderRelease(context, new Map()).tiers.flatMap(({ services }) => services);

function releaseOf(service: ServiceName): ServiceRelease {
  const found = releases.find(({ row }) => row.name === service);
  if (found === undefined) throw new Error(service);
  return found;
}

/** Connections that the policies allow, as `from>to:port`. */
function allowed(side: 'ingress' | 'egress'): readonly string[] {
  return releases
    .flatMap(({ row }) => {
      const policy = JSON.parse(JSON.stringify(buildNetworkPolicy(context, releaseOf(row.name)).spec));
      return (policy[side] ?? []).flatMap((rule: Rule) => edgesOf(rule, row, side));
    })
    .toSorted((a: string, b: string) => a.localeCompare(b));
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { readonly port: number }[];
}
interface Peer {
  readonly namespaceSelector?: object;
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
}

function edgesOf({ from, to, ports }: Rule, row: CatalogueRow, side: string): readonly string[] {
  return (from ?? to ?? [])
    .filter(({ namespaceSelector }) => namespaceSelector === undefined)
    .flatMap(({ podSelector: { matchLabels } }) => {
      const other = matchLabels['tradingstack.dev/service'] ?? matchLabels['app.kubernetes.io/name'];
      const edge = side === 'ingress' ? `${other}>${row.name}` : `${row.name}>${other}`;
      return ports.map(({ port }) => `${edge}:${port}`);
    });
}

const PORTS = { redis: 6_379, postgres: 5_432 } as const;
const edges = CATALOGUE.flatMap(({ name, peers }) =>
  peers.map((peer) => ({
    name,
    peer,
    port: peer === 'redis' || peer === 'postgres' ? PORTS[peer] : catalogueRow(peer).port,
  })),
);

describe('connections', () => {
  it('are allowed as egress exactly as the catalogue lists them', () => {
    expect(allowed('egress')).toEqual(
      edges.map(({ name, peer, port }) => `${name}>${peer}:${port}`).toSorted((a, b) => a.localeCompare(b)),
    );
  });

  it('are allowed as ingress exactly as the catalogue lists them', () => {
    const within = edges.filter(({ peer }) => peer !== 'redis' && peer !== 'postgres');
    expect(allowed('ingress')).toEqual(
      within.map(({ name, peer, port }) => `${name}>${peer}:${port}`).toSorted((a, b) => a.localeCompare(b)),
    );
  });
});

it('lets the operator reach a service, from its own namespace only', () => {
  const { spec } = JSON.parse(JSON.stringify(buildNetworkPolicy(context, releaseOf('execution'))));
  expect(spec.ingress[0].from).toContainEqual({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'tradingstack-system' } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'tradingstack-operator' } },
  });
  expect(spec.ingress[0].ports).toEqual([{ protocol: 'TCP', port: 8_003 }]);
});

it('allows no egress, not even DNS, for a service without peers', () => {
  expect(buildNetworkPolicy(context, releaseOf('exchange-simulator')).spec).toMatchObject({ egress: [] });
});

it('denies all other traffic of all pods of the stack in both directions', () => {
  expect(buildDefaultDenyPolicy(context).spec).toEqual({
    podSelector: { matchLabels: { 'tradingstack.dev/stack': 'demo' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [],
  });
});

it('allows only the address of a store that is given by its address', () => {
  const outside = stackContext({ postgres: { host: '192.0.2.7' } });
  const { egress = [] } = buildNetworkPolicy(outside, releaseOf('risk')).spec ?? {};
  expect(egress).toContainEqual({
    to: [{ ipBlock: { cidr: '192.0.2.7/32' } }],
    ports: [{ protocol: 'TCP', port: 5_432 }],
  });
});

it('allows DNS lookups at the configured resolver of the cluster', () => {
  const ports = (port: number): object[] => [
    { protocol: 'UDP', port },
    { protocol: 'TCP', port },
  ];
  const [byDefault] = buildNetworkPolicy(context, releaseOf('signal')).spec?.egress ?? [];
  const kubeDns = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  };
  expect(byDefault).toEqual({ to: [kubeDns], ports: ports(53) });
  const resolver = { namespace: 'dns', podLabels: { app: 'unbound' }, cidrs: ['169.254.20.10/32'], port: 5_353 };
  const [configured] = buildNetworkPolicy({ ...context, resolver }, releaseOf('signal')).spec?.egress ?? [];
  const unbound = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'dns' } },
    podSelector: { matchLabels: { app: 'unbound' } },
  };
  expect(configured).toEqual({ to: [unbound, { ipBlock: { cidr: '169.254.20.10/32' } }], ports: ports(5_353) });
});

it('allows only the port of a store that is given by a foreign host name', () => {
  const outside = stackContext({ redis: { host: 'redis.example.com', port: 6_380 } });
  const [, toRedis] = buildNetworkPolicy(outside, releaseOf('signal')).spec?.egress ?? [];
  expect(toRedis).toEqual({ ports: [{ protocol: 'TCP', port: 6_380 }] });
});

describe('a policy that was opened by hand', () => {
  it.each([
    ['default deny', buildDefaultDenyPolicy(context)],
    ['a service that calls no other', buildNetworkPolicy(context, releaseOf('exchange-simulator'))],
    ['a service with peers', buildNetworkPolicy(context, releaseOf('execution'))],
  ])('differs from the policy of %s in both directions', (_name, policy) => {
    for (const direction of ['ingress', 'egress'] as const) {
      const opened = Object.assign({}, policy.spec, { [direction]: [{}] });
      expect(findDrift(policy.spec, opened)).toContain(direction);
    }
  });

  it('does not differ from one in which the API server omits the empty lists', () => {
    const { spec } = buildDefaultDenyPolicy(context);
    expect(findDrift(spec, { podSelector: spec?.podSelector, policyTypes: spec?.policyTypes })).toBeUndefined();
  });
});
