import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import { consoleProgress } from '../cluster/ensure-cluster.ts';
import { kubePrograms } from '../cluster/kube-programs.ts';
import { installPlatform } from '../cluster/stack/install-stack.ts';
import { sampleStack } from '../fixtures/sample-stack.ts';
import { createKubectl } from './kubectl.ts';
import { deleteNamespace } from './own-stack.ts';
import { untilRunning } from './place.ts';
import { waitForReason } from './wait-for-reason.ts';
import { until } from './until.ts';

const { cluster, kubectlOptions, image } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
const NAME = 'short-lived';
const namespace = 'tradingstack-e2e-lifetime';
/** Objects of the namespace before the stack exists. */
let before: ReadonlySet<string>;

interface ObjectView {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly ownerReferences?: readonly { readonly uid: string }[];
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Lists every object of the namespace, of every kind that can be listed, without events. */
async function objects(): Promise<readonly ObjectView[]> {
  const kinds = (await kubectl.run('api-resources', '--verbs=list', '--namespaced', '-o', 'name'))
    .trim()
    .split('\n')
    .filter((kind) => !kind.startsWith('events'));
  const { items } = await kubectl.json<{ items: readonly ObjectView[] }>('-n', namespace, 'get', kinds.join(','));
  return items;
}

function belongingTo(uid: string, all: readonly ObjectView[]): readonly string[] {
  return all
    .filter(
      ({ metadata }) =>
        metadata.ownerReferences?.some((owner) => owner.uid === uid) === true ||
        metadata.labels?.['tradingstack.dev/stack'] === NAME,
    )
    .map(nameOf);
}

function nameOf({ kind, metadata }: ObjectView): string {
  return `${kind}/${metadata.name}`;
}

beforeAll(async () => {
  const progress = consoleProgress(clusterPaths(readConfig().cacheDirectory));
  await installPlatform({ cluster, kube: kubePrograms(cluster), progress, namespace });
  before = new Set((await objects()).map(nameOf));
});

afterAll(async () => {
  await deleteNamespace(kubectl, namespace);
});

// Only in this file, because services that use Redis start after the migrations, which need the platform's Postgres.
test('an unreachable Redis blocks the stack with field, host and port until the field is corrected', async () => {
  await kubectl.apply(
    sampleStack({ name: NAME, namespace, image, change: { redis: { host: 'nowhere', port: 6380 } } }),
  );
  const { blockedBy, message } = await waitForReason(kubectl, namespace, /nowhere/);
  for (const text of [blockedBy, message]) expect(text).toContain('Redis at nowhere:6380 (spec.redis)');
  await kubectl.apply(sampleStack({ name: NAME, namespace, image }));
  expect((await untilRunning(kubectl, { namespace, name: NAME })).name).toBe(NAME);
});

test('deleting a running stack leaves no object that it owns or that carries its label', async () => {
  await kubectl.apply(sampleStack({ name: NAME, namespace, image }));
  await untilRunning(kubectl, { namespace, name: NAME });
  const { metadata } = await kubectl.json<ObjectView>('-n', namespace, 'get', 'tradingstack', NAME);
  const created = belongingTo(metadata.uid, await objects());
  for (const kind of [
    'Deployment',
    'Job',
    'Service',
    'ConfigMap',
    'Secret',
    'NetworkPolicy',
    'PersistentVolumeClaim',
  ]) {
    expect(created.some((name) => name.startsWith(`${kind}/`))).toBe(true);
  }

  await kubectl.run('-n', namespace, 'delete', 'tradingstack', NAME, '--wait=false');
  await until('the stack to be deleted', async () =>
    (await kubectl.run('-n', namespace, 'get', 'tradingstack', '-o', 'name')) === '' ? true : undefined,
  );
  await until('the garbage collector to delete the objects of the stack', async () =>
    belongingTo(metadata.uid, await objects()).length === 0 ? true : undefined,
  );
  expect((await objects()).map(nameOf).filter((name) => !before.has(name))).toEqual([]);
});
