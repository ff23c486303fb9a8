import type { BenchOutput } from '../bench.ts';
import { withBenchCluster } from './cluster/bench-cluster.ts';
import { openStores } from './cluster/cluster-stores.ts';
import { swapStack } from './cluster/swap-stack.ts';
import { PEERS } from './peers/peers.ts';
import { swapPeer } from './peers/swap-peer.ts';
import { figuresOf, type Measured, type SwapFigures } from './swap-figures.ts';
import { COLD_EVERY, startsOf, type SwapRequest } from './swap-options.ts';

type ByName = Readonly<Record<string, SwapFigures>>;

const PEER_COLD_EVERY = 2;

/** Measures on one cluster, one sender after another: ours, if that is asked for, and the peers. */
export async function swapCluster(
  { places, peers, swaps, peerSwaps, pauseMs, keepOperator }: SwapRequest,
  { progress }: BenchOutput,
): Promise<{ readonly ours: ByName; readonly peers: ByName }> {
  return await withBenchCluster({ keepOperator }, async (bench) => {
    const stores = await openStores(bench);
    try {
      // A run takes long: what was measured is not lost when it ends early.
      const figured = (name: string, measured: Measured): SwapFigures => {
        const figures = figuresOf(measured);
        progress(`${name}: ${JSON.stringify(figures)}`);
        return figures;
      };
      const ours: Record<string, SwapFigures> = {};
      if (places.includes('cluster')) {
        const options = { starts: startsOf(swaps, COLD_EVERY), pauseMs, progress };
        ours['cluster'] = figured('cluster', await swapStack(bench, stores, options));
      }
      const measured: Record<string, SwapFigures> = {};
      for (const [name, peer] of Object.entries(PEERS).filter(([known]) => peers.includes(known))) {
        const starts = startsOf(peerSwaps, peer.keepsOld ? PEER_COLD_EVERY : 1);
        const options = { starts, pauseMs, progress: (text: string) => progress(`${name}: ${text}`) };
        measured[name] = figured(name, await swapPeer(name, peer, { bench, stores, options }));
      }
      return { ours, peers: measured };
    } finally {
      await stores.close();
    }
  });
}
