import { STACK_LABEL } from '../../api/v1alpha1/labels.ts';
import { pods } from '../../kube/client/builtin-resources.ts';
import type { Resource, Stored } from '../../kube/client/resource.ts';
import { statuszSchema } from '../../../services/shared/contracts/statusz.ts';
import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import type { Part } from '../view/part.ts';
import { podFactsOf, type PodFacts, type PodView } from '../view/pod-view.ts';
import { attempt } from './attempt.ts';
import type { Cluster } from './cluster.ts';

export type StoredPod = typeof pods extends Resource<infer T> ? Stored<T> : never;

/** Lists the pods of a stack. */
export async function listPods({ client, namespace }: Cluster, stack: string): Promise<Part<readonly StoredPod[]>> {
  const listed = client.list(pods, { namespace, labelSelector: `${STACK_LABEL}=${stack}` });
  return await attempt(
    { verb: 'list', what: 'pods', where: `in namespace ${namespace}` },
    listed.then(({ items }) => items),
  );
}

/** Lists the pods of a stack, and asks each process what it reports of itself, through the API server's proxy. */
export async function readPods(cluster: Cluster, stack: string, nowMs: number): Promise<Part<readonly PodView[]>> {
  const listed = await listPods(cluster, stack);
  if (!listed.known) return listed;
  const facts = listed.value.map((pod) => podFactsOf(pod, nowMs)).sort(inRolloutOrder);
  const views = facts.map(async (pod): Promise<PodView> => {
    if (!pod.answers) return pod;
    return { ...pod, statusz: await readStatusz(cluster, pod) };
  });
  return { known: true, value: await Promise.all(views) };
}

const ORDER = CATALOGUE.map(({ name }) => name as string);

function inRolloutOrder(a: PodFacts, b: PodFacts): number {
  return ORDER.indexOf(a.service) - ORDER.indexOf(b.service) || a.name.localeCompare(b.name);
}

const ANSWER_MS = 3_000;

async function readStatusz(
  { readRaw, namespace }: Cluster,
  { name, service }: PodFacts,
): Promise<NonNullable<PodView['statusz']>> {
  const port = CATALOGUE.find((row) => row.name === service)?.port;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy/statusz`;
  const read = readRaw.text(path, { deadlineMs: ANSWER_MS }).then((text) => statuszSchema.parse(JSON.parse(text)));
  return await attempt({ verb: 'get', what: 'pods/proxy', where: `in namespace ${namespace}` }, read);
}
