import type { V1Container, V1ObjectMeta, V1PodSpec } from '@kubernetes/client-node';

/** Any object that a chart or the operator renders. Read loosely: a check must also see what no type allows. */
export interface Rendered {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
  readonly [field: string]: unknown;
}

/** A pod that one of the objects creates. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
  readonly pod: V1PodSpec;
  readonly containers: readonly V1Container[];
}

interface Template {
  readonly replicas?: number;
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly template?: { readonly metadata?: V1ObjectMeta; readonly spec?: V1PodSpec };
}

export function workloadsOf(objects: readonly Rendered[]): readonly Workload[] {
  return objects.flatMap(({ kind = '', metadata, spec }) => {
    const given = (spec ?? {}) as Template;
    const pod = given.template?.spec;
    return pod === undefined ? [] : [{ kind, name: metadata?.name ?? '', ...partsOf(given), ...containersOf(pod) }];
  });
}

function partsOf({ replicas = 1, selector, template }: Template): Pick<Workload, 'replicas' | 'labels' | 'selector'> {
  const labels = template?.metadata?.labels ?? {};
  return { replicas, labels, selector: selector?.matchLabels ?? labels };
}

function containersOf(pod: V1PodSpec): Pick<Workload, 'pod' | 'containers'> {
  return { pod, containers: [...(pod.initContainers ?? []), ...pod.containers] };
}

export function ofKind(objects: readonly Rendered[], ...kinds: readonly string[]): readonly Rendered[] {
  return objects.filter(({ kind = '' }) => kinds.includes(kind));
}

export function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}
