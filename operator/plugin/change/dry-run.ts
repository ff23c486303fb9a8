import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { isKubeError } from '../../kube/client/kube-error.ts';
import type { KubeObject } from '../../kube/client/resource.ts';
import { required } from '../cluster/attempt.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { StoredStack } from '../cluster/read-stack.ts';
import type { Manifest } from './read-manifest.ts';
import { refusalOf } from './refused-fields.ts';
import { threeWayPatch } from './three-way-patch.ts';

/** The stack as it is, and as it would be. */
export interface DryRun {
  /** Undefined if the stack does not exist. */
  readonly present: StoredStack | undefined;
  readonly next: StoredStack;
}

export interface DryRunOptions {
  /** Field manager of a server-side apply; undefined for what `kubectl apply` does by default. */
  readonly serverSideAs: string | undefined;
}

/** Name of the annotation in which `kubectl apply`, and tools like it, keep the file that they applied last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Lets the API server validate and complete the stack as `kubectl apply` would leave it, and store nothing. Rejects
 * with PluginError: `Usage`, with each field, if the API server refuses it.
 */
export async function dryRun(cluster: Cluster, manifest: Manifest, options: DryRunOptions): Promise<DryRun> {
  const { client, namespace } = cluster;
  const { name } = manifest.metadata;
  const [what, where] = [`tradingstack ${name}`, `in namespace ${namespace}`];
  const present = await required({ verb: 'get', what, where }, client.find(tradingStacks, { namespace, name }));
  const attempted = { verb: present === undefined ? 'create' : 'patch', what: `${what} (dry run)`, where };
  const sent = send(cluster, manifest, { ...options, present }).catch((error: unknown) => {
    if (isKubeError(error, 'Invalid', 'BadRequest')) throw refusalOf(error, name, manifest);
    throw error;
  });
  return { present, next: await required(attempted, sent) };
}

interface Sending extends DryRunOptions {
  readonly present: StoredStack | undefined;
}

async function send(
  { client, namespace }: Cluster,
  { metadata, spec }: Manifest,
  { present, serverSideAs }: Sending,
): Promise<StoredStack> {
  const { name, labels, annotations } = metadata;
  const given = { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
  const object = { metadata: { ...given, name, namespace }, spec } as KubeObject;
  if (serverSideAs !== undefined)
    return await client.apply(tradingStacks, object, { fieldManager: serverSideAs, dryRun: true });
  if (present === undefined) return await client.create(tradingStacks, object, { dryRun: true });
  const { metadata: last, spec: lastSpec } = lastApplied(present);
  const patch = {
    metadata: threeWayPatch({ labels: last?.labels, annotations: last?.annotations }, given),
    spec: threeWayPatch(lastSpec, spec),
  };
  return await client.mergePatch(tradingStacks, { namespace, name }, patch, { dryRun: true });
}

function lastApplied({ metadata: { annotations = {} } }: StoredStack): Partial<Manifest> {
  try {
    return (JSON.parse(annotations[LAST_APPLIED] ?? '{}') as Partial<Manifest> | null) ?? {};
  } catch {
    return {};
  }
}
