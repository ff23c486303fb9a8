import { CHILD_RESOURCES } from '../../../../operator/controllers/caches/stack-caches.ts';
import { MANAGED_SELECTOR } from '../../../../operator/api/v1alpha1/labels.ts';
import type { KubeClient } from '../../../../operator/kube/client/client.ts';
import type { KubeObject } from '../../../../operator/kube/client/resource.ts';

/** Each object, by kind and name, as text. */
export type DescribedObjects = Readonly<Record<string, string>>;

/**
 * Returns what the operator created in a namespace: everything but what the API server adds to each object, and the
 * values of Secrets, which are random.
 */
export async function namespaceObjects(client: KubeClient, namespace: string): Promise<DescribedObjects> {
  const described: [string, string][] = [];
  for (const [kind, resource] of Object.entries(CHILD_RESOURCES)) {
    const options = { namespace, labelSelector: MANAGED_SELECTOR };
    const { items } = await client.list(resource, options);
    for (const object of items) described.push([`${kind}/${object.metadata.name}`, describe(object, kind)]);
  }
  return inOrder(described);
}

/**
 * The same objects of another run: hashes, which follow from the UID of the stack and from what changed, become `#`,
 * and each given word the word of its role.
 */
export function anonymous(objects: DescribedObjects, roles: Readonly<Record<string, string>>): DescribedObjects {
  const rename = (text: string): string =>
    Object.entries(roles).reduce(
      (renamed, [word, role]) => renamed.replaceAll(word, role),
      text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,}/g, '#'),
    );
  return inOrder(Object.entries(objects).map(([name, text]) => [rename(name), rename(text)] as const));
}

/** Returns a line for each object that differs: which one, and from where on. */
export function differences(found: DescribedObjects, expected: DescribedObjects): readonly string[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(expected)])];
  return names.flatMap((name) => {
    const [is, should] = [found[name] ?? 'missing', expected[name] ?? 'missing'];
    if (is === should) return [];
    let from = 0;
    while (is[from] === should[from]) from += 1;
    const part = (text: string): string => text.slice(Math.max(0, from - 40), from + 80);
    return [`${name}: ${part(is)} instead of ${part(should)}`];
  });
}

function inOrder(objects: readonly (readonly [string, string])[]): DescribedObjects {
  return Object.fromEntries(objects.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

interface Child extends KubeObject {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

function describe({ metadata = {}, data = {}, spec = {} }: Child, kind: string): string {
  const { labels, annotations, finalizers, deletionTimestamp } = metadata;
  const { clusterIP: _ip, clusterIPs: _ips, ...wanted } = spec;
  const values = kind === 'Secret' ? Object.keys(data) : data;
  return JSON.stringify({ labels, annotations, finalizers, deletionTimestamp, values, spec: wanted });
}
