import { setTimeout as delay } from 'node:timers/promises';
import { labelsOf } from '../../../operator/api/v1alpha1/labels.ts';
import { networkPolicies, services } from '../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../operator/kube/client/client.ts';
import { parseKey } from '../../../operator/kube/client/resource.ts';
import type { ManyStacks } from './world/many-stacks.ts';

export interface ChangeOptions {
  readonly client: KubeClient;
  readonly stacks: ManyStacks;
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  /** Called before each change: waits until the stack may be changed. */
  readonly before: (key: string) => Promise<void>;
  readonly progress: (text: string) => void;
}

/** Changes a limit of risk, one stack after another. */
export async function editStacks(options: ChangeOptions, edits: number): Promise<void> {
  await inTurn(options, edits, { what: 'edits', change: async (key) => await options.stacks.edit(key) });
}

/** Deletes a Service of one stack, alters a NetworkPolicy of the next, and so on. */
export async function alterChildren(options: ChangeOptions, drifts: number): Promise<void> {
  const { client } = options;
  const change = async (key: string, turn: number): Promise<void> =>
    await (turn % 2 === 0 ? deleteService(client, key) : alterPolicy(client, key));
  await inTurn(options, drifts, { what: 'children deleted or altered', change });
}

interface Change {
  readonly what: string;
  readonly change: (key: string, turn: number) => Promise<void>;
}

const PROGRESS_MS = 5_000;

async function inTurn(
  { stacks, pauseMs, signal, before, progress }: ChangeOptions,
  count: number,
  { what, change }: Change,
): Promise<void> {
  let reportMs = Date.now() + PROGRESS_MS;
  for (let turn = 0; turn < count; turn += 1) {
    const key = stacks.keys[turn % stacks.keys.length] ?? '';
    await before(key);
    await change(key, turn);
    // The pause meets the periodic work of the operator at any point.
    await delay(pauseMs / 2 + Math.random() * pauseMs, undefined, { signal });
    if (Date.now() < reportMs) continue;
    reportMs = Date.now() + PROGRESS_MS;
    progress(`${turn + 1} of ${count} ${what}`);
  }
}

async function deleteService(client: KubeClient, key: string): Promise<void> {
  const { namespace = '', name } = parseKey(key);
  await client.delete(services, { namespace, name: `${name}-risk` });
}

/** Adds ingress from everywhere, which a person could do to look for a fault, and forget. */
async function alterPolicy(client: KubeClient, key: string): Promise<void> {
  const { namespace = '', name } = parseKey(key);
  const labelSelector = Object.entries(labelsOf(name, 'risk'))
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const { items } = await client.list(networkPolicies, { namespace, labelSelector });
  const [policy] = items;
  if (policy === undefined) throw new Error(`${namespace} has no NetworkPolicy of risk`);
  const ref = { namespace, name: policy.metadata.name };
  await client.mergePatch(networkPolicies, ref, { spec: { ingress: [{}] } }, { fieldManager: 'kubectl-edit' });
}
