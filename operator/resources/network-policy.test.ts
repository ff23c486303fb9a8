import { describe, expect, it } from 'vitest';
import {
  CATALOGUE,
  catalogueRow,
  type CatalogueRow,
  type ServiceName,
} from '../../services/shared/contracts/catalogue.ts';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { defaultDenyPolicy, networkPolicy } from './network-policy.ts';
import { renderRelease, type ServiceRelease } from '../releases/render-release.ts';

const context = stackContext();
const releases = renderRelease(context, new Map()).tiers.flatMap(({ services }) => services);

function releaseOf(service: ServiceName): ServiceRelease {
  const found = releases.find(({ row }) => row.name === service);
  if (found === undefined) throw new Error(service);
  return found;
}

/** Both ends of each edge, as the policies allow it: `from>to:port`. */
function allowed(side: 'ingress' | 'egress'): readonly string[] {
  return releases
    .flatMap(({ row }) => {
      const policy = JSON.parse(JSON.stringify(networkPolicy(context, releaseOf(row.name)).spec));
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

describe('edges', () => {
  it('go out exactly as the catalogue has them', () => {
    expect(allowed('egress')).toEqual(
      edges.map(({ name, peer, port }) => `${name}>${peer}:${port}`).toSorted((a, b) => a.localeCompare(b)),
    );
  });

  it('come in exactly as the catalogue has them', () => {
    const within = edges.filter(({ peer }) => peer !== 'redis' && peer !== 'postgres');
    expect(allowed('ingress')).toEqual(
      within.map(({ name, peer, port }) => `${name}>${peer}:${port}`).toSorted((a, b) => a.localeCompare(b)),
    );
  });
});

it('lets the operator ask every service, from its own namespace only', () => {
  const { spec } = JSON.parse(JSON.stringify(networkPolicy(context, releaseOf('execution'))));
  expect(spec.ingress[0].from).toContainEqual({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'tradingstack-system' } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'tradingstack-operator' } },
  });
  expect(spec.ingress[0].ports).toEqual([{ protocol: 'TCP', port: 8_003 }]);
});

it('leaves a service without peers no way out, not even to look up names', () => {
  expect(networkPolicy(context, releaseOf('exchange-simulator')).spec).not.toHaveProperty('egress');
});

it('denies everything else both ways to all pods of the stack', () => {
  expect(defaultDenyPolicy(context).spec).toEqual({
    podSelector: { matchLabels: { 'tradingstack.dev/stack': 'demo' } },
    policyTypes: ['Ingress', 'Egress'],
  });
});

it('opens the one address of a store that is named by its address', () => {
  const outside = stackContext({ postgres: { host: '192.0.2.7' } });
  const { egress = [] } = networkPolicy(outside, releaseOf('risk')).spec ?? {};
  expect(egress).toContainEqual({
    to: [{ ipBlock: { cidr: '192.0.2.7/32' } }],
    ports: [{ protocol: 'TCP', port: 5_432 }],
  });
});

it('lets names be looked up where the cluster does that', () => {
  const ports = (port: number): object[] => [
    { protocol: 'UDP', port },
    { protocol: 'TCP', port },
  ];
  const [usual] = networkPolicy(context, releaseOf('signal')).spec?.egress ?? [];
  const kubeDns = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  };
  expect(usual).toEqual({ to: [kubeDns], ports: ports(53) });
  const resolver = { namespace: 'dns', podLabels: { app: 'unbound' }, cidrs: ['169.254.20.10/32'], port: 5_353 };
  const [own] = networkPolicy({ ...context, resolver }, releaseOf('signal')).spec?.egress ?? [];
  const unbound = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'dns' } },
    podSelector: { matchLabels: { app: 'unbound' } },
  };
  expect(own).toEqual({ to: [unbound, { ipBlock: { cidr: '169.254.20.10/32' } }], ports: ports(5_353) });
});

it('opens the port of a store that stands elsewhere', () => {
  const outside = stackContext({ redis: { host: 'redis.example.com', port: 6_380 } });
  const [, toRedis] = networkPolicy(outside, releaseOf('signal')).spec?.egress ?? [];
  expect(toRedis).toEqual({ ports: [{ protocol: 'TCP', port: 6_380 }] });
});
