import { jobs } from '../../../../operator/kube/client/builtin-resources.ts';
import { catalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { activateRelease } from '../../../harness/stores/active-release.ts';
import { until } from '../../../harness/until.ts';
import { NAMESPACE, type BenchCluster } from '../cluster/bench-cluster.ts';
import type { ClusterStores } from '../cluster/cluster-stores.ts';
import { forwardPort } from '../cluster/forward-port.ts';
import type { Measured } from '../swap-figures.ts';
import { measureSwaps, type SwapOptions, type SwappedSender } from '../swapped-sender.ts';
import type { Peer } from './peer.ts';
import { peerObjects, type PeerObjects } from './peer-objects.ts';

const WITHIN_MS = 180_000;

/** Swaps the sender by a peer. Deletes what it created. */
export async function swapPeer(
  name: string,
  peer: Peer,
  parts: { readonly bench: BenchCluster; readonly stores: ClusterStores; readonly options: SwapOptions },
): Promise<Measured> {
  const { bench, stores, options } = parts;
  const stop = await peer.prepare(bench);
  const objects = peerObjects(name, bench.image);
  const all = { apiVersion: 'v1', kind: 'List', items: [...objects.objects, peer.workload(objects)] };
  try {
    await startPeer({ bench, objects, peer }, name, all);
    await activateRelease(stores.pool, objects.stack, name);
    const port = catalogueRow('exchange-simulator').port;
    const target = `deployment/${name}-exchange-simulator`;
    const venue = await forwardPort({ cluster: bench.cluster, namespace: NAMESPACE, target, port });
    const load = stores.startLoad(objects.stack);
    try {
      return await measureSwaps(senderOf({ bench, objects, peer, stores, venuePort: venue.port }), options);
    } finally {
      await load.stop();
      venue.close();
    }
  } finally {
    await deleteAll(bench, all);
    await stop();
  }
}

interface Running {
  readonly bench: BenchCluster;
  readonly objects: PeerObjects;
  readonly peer: Peer;
}

/** The migrations first: without them the sender would restart with growing pauses. */
async function startPeer({ bench, objects, peer }: Running, name: string, all: object): Promise<void> {
  const { client, kubectl, progress } = bench;
  await progress.step(`peer ${name}`, async () => {
    const isJob = ({ kind }: { readonly kind?: string }): boolean => kind !== 'Deployment';
    await kubectl.apply({ apiVersion: 'v1', kind: 'List', items: objects.objects.filter(isJob) });
    const done = async (): Promise<boolean> => {
      const { items } = await client.list(jobs, { namespace: NAMESPACE });
      return items.some(({ metadata, status }) => metadata.name.startsWith(`${name}-`) && status?.succeeded === 1);
    };
    await until(done, { what: 'the migrations', withinMs: WITHIN_MS, everyMs: 500 });
    await kubectl.apply(all);
    const settled = async (): Promise<boolean> => await peer.isSettled(client, objects.sender);
    await until(settled, { what: `${name} to run`, withinMs: WITHIN_MS, everyMs: 250 });
  });
}

interface SenderParts extends Running {
  readonly stores: ClusterStores;
  readonly venuePort: number;
}

function senderOf({ bench, objects, peer, stores, venuePort }: SenderParts): SwappedSender {
  const { client, kubectl } = bench;
  let version = 0;
  const podCount = async (): Promise<number> => {
    const labels = Object.entries(objects.selector).map(([key, value]) => `${key}=${value}`);
    const names = await kubectl.run('-n', NAMESPACE, 'get', 'pods', '-l', labels.join(','), '-o', 'name');
    return names.split('\n').filter(Boolean).length;
  };
  return {
    stack: objects.stack,
    pool: stores.pool,
    venueUrl: `http://127.0.0.1:${venuePort}`,
    change: async () => {
      version += 1;
      const annotations = { 'bench/version': version % 2 === 0 ? 'a' : 'b' };
      await peer.patch(client, objects.sender, { spec: { template: { metadata: { annotations } } } });
    },
    settled: async () => {
      const settled = async (): Promise<boolean> => await peer.isSettled(client, objects.sender);
      await until(settled, { what: 'the other version to run', withinMs: WITHIN_MS, everyMs: 100 });
    },
    cool: async () => {
      const isAlone = async (): Promise<boolean> => (await podCount()) === 1;
      await until(isAlone, { what: 'the old version to end', withinMs: WITHIN_MS, everyMs: 500 });
    },
    lines: async () => await Promise.resolve([]),
  };
}

async function deleteAll(
  { kubectl, progress }: BenchCluster,
  all: { readonly items: readonly object[] },
): Promise<void> {
  await progress.step('delete the peer', async () => {
    for (const object of all.items.toReversed()) {
      const { kind, metadata } = object as { readonly kind: string; readonly metadata: { readonly name: string } };
      const what = ['delete', kind, metadata.name, '--ignore-not-found', '--timeout=25s', '--wait=false'];
      await kubectl.run('-n', NAMESPACE, ...what);
    }
    const gone = async (): Promise<boolean> =>
      (await kubectl.run('-n', NAMESPACE, 'get', 'pods', '-l', 'tradingstack.dev/stack', '-o', 'name')) === '';
    await until(gone, { what: 'the pods of the peer to end', withinMs: 180_000, everyMs: 500 });
  });
}
