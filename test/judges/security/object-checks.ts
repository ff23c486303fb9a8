import { objectCheck, type Check } from './check.ts';
import { ofKind, selects, workloadsOf, type Rendered } from './rendered.ts';

type Labels = Readonly<Record<string, string>>;
interface Selecting {
  readonly selector?: Labels & { readonly matchLabels?: Labels };
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly policyTypes?: readonly string[];
  readonly type?: string;
}

const specOf = ({ spec }: Rendered): Selecting => spec ?? {};
const WORKLOADS = ['Deployment', 'StatefulSet', 'Job'];
const SECRET_VALUE = /"(?:password|secretKey|apiKey|token|privateKey)"\s*:\s*"[^"]+"|-----BEGIN [A-Z ]*PRIVATE KEY/i;

function labelsOf(object: Rendered): Labels {
  return workloadsOf([object])[0]?.labels ?? {};
}

function policiesFor(object: Rendered, all: readonly Rendered[]): ReadonlySet<string> {
  const matching = ofKind(all, 'NetworkPolicy').filter((each) =>
    selects(specOf(each).podSelector?.matchLabels, labelsOf(object)),
  );
  return new Set(matching.flatMap((each) => specOf(each).policyTypes ?? []));
}

/** Rules for what belongs together. */
export const OBJECT_CHECKS: readonly Check[] = [
  objectCheck('isolated-both-ways', 'NSA, CIS 5.3.2, kube-linter, kube-score', WORKLOADS, (object, all) => {
    const directions = policiesFor(object, all);
    return !directions.has('Ingress') || !directions.has('Egress');
  }),
  objectCheck('disruption-budget', 'kube-score, Polaris', ['Deployment', 'StatefulSet'], (object, all) =>
    ofKind(all, 'PodDisruptionBudget').every(
      (budget) => !selects(specOf(budget).selector?.matchLabels, labelsOf(object)),
    ),
  ),
  objectCheck(
    'existing-service-account',
    'kube-linter',
    WORKLOADS,
    (object, all) =>
      !ofKind(all, 'ServiceAccount').some(
        ({ metadata }) => metadata?.name === workloadsOf([object])[0]?.pod.serviceAccountName,
      ),
  ),
  objectCheck('service-has-pods', 'kube-linter dangling-service, kube-score', ['Service'], (object, all) =>
    workloadsOf(all).every(({ labels }) => !selects(specOf(object).selector, labels)),
  ),
  objectCheck('policy-has-pods', 'kube-score', ['NetworkPolicy', 'PodDisruptionBudget'], (object, all) => {
    const { podSelector, selector } = specOf(object);
    return workloadsOf(all).every(({ labels }) => !selects((podSelector ?? selector)?.matchLabels, labels));
  }),
  objectCheck(
    'not-exposed',
    'kube-linter exposed-services',
    ['Service', 'Ingress'],
    (object) => object.kind === 'Ingress' || (specOf(object).type ?? 'ClusterIP') !== 'ClusterIP',
  ),
  objectCheck('no-secret-in-config-map', 'NSA, CIS 5.4, Polaris', ['ConfigMap'], ({ data }) =>
    SECRET_VALUE.test(Object.values((data ?? {}) as Labels).join('\n')),
  ),
  objectCheck('no-default-namespace', 'CIS 5.7.4', [], ({ metadata }) => metadata?.namespace === 'default'),
  objectCheck('stable-api-version', 'kube-score', [], ({ apiVersion = '' }) => /(?:alpha|beta)\d+$/.test(apiVersion)),
  objectCheck('label-values', 'kube-score', [], (object) =>
    Object.values({ ...object.metadata?.labels, ...labelsOf(object) }).some(
      (value) => !/^(?:[A-Za-z0-9](?:[-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/.test(value),
    ),
  ),
];
