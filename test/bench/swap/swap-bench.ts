import { startPrivateApiServer } from '../../harness/kube/private-api-server.ts';
import type { Bench, BenchOutput } from '../bench.ts';
import { swapCluster } from './swap-cluster.ts';
import { PEERS } from './peers/peers.ts';
import { swapProcesses } from './processes/swap-processes.ts';
import { printFigures } from './report.ts';
import { figuresOf, type SwapFigures } from './swap-figures.ts';
import { COLD_EVERY, startsOf, swapRequestOf, type SwapRequest } from './swap-options.ts';

/**
 * Swaps the sender of orders between two versions under 20 orders a second, and takes the times from the log of the
 * simulated venue. The versions differ by one setting of the pods, so that no image is pulled and no other service is
 * touched.
 *
 * What is compared. Ours is the operator: it asks the sender to drain, then the next one to take the fence. The peers
 * run the same image with the same settings, probes and limits, on the same cluster, against a venue of their own, with
 * the same Redis and Postgres. None of them knows of a fence or a drain, and a sender does nothing before it is asked
 * to take the fence. So their pods have a second container that asks: as soon as the sender of the pod is ready to take
 * over, and the Service of the sender leads to this pod. With a Deployment that is soon after the pod is ready; with
 * Argo Rollouts it is after the switch. A pod that is terminated stops as ever: it releases the fence if it knows every
 * outcome. The peers keep everything else of the sender, above all its fence: the number of orders sent by two at once
 * says whether the fence holds without the operator, and not what a sender without a fence would do.
 *
 * Each sender reads the fills of the minute before once more: at 20 orders a second, that weighs a third of the
 * queries that the venue accepts in ten seconds. With a shorter pause between swaps, the figures show how long they
 * wait for it.
 *
 * A rollback is a change back to the version before: warm while that one still has a process, cold otherwise. A
 * Deployment keeps none, Argo Rollouts keeps one for 30 s at its defaults.
 */
export const swapBench: Bench = {
  summary: 'swap the sender under 20 orders a second, beside Deployments and Argo Rollouts with the same sender',
  options: {
    swaps: { type: 'string' },
    on: { type: 'string', multiple: true },
    peer: { type: 'string', multiple: true },
    'peer-swaps': { type: 'string' },
    pause: { type: 'string' },
    'keep-operator': { type: 'boolean' },
  },
  help: [
    '--swaps <n>            swaps by the operator in each place (default: 50)',
    '--on <place>           processes (no cluster), cluster or none; may be repeated (default: both)',
    '--peer <name>          only this peer, or none; may be repeated (default: all). Peers run on the cluster',
    ...Object.entries(PEERS).map(([name, { summary }]) => `  ${name.padEnd(20)} ${summary}`),
    '--peer-swaps <n>       swaps of each peer (default: as many)',
    '--pause <seconds>      before each swap (default: 16)',
    '--keep-operator        use the operator that runs on the cluster instead of installing that of this checkout',
    'short, no cluster: --on processes --peer none --swaps 2',
  ],
  run: async (output, values) => {
    const request = swapRequestOf(values, Object.keys(PEERS));
    const processes = request.places.includes('processes') ? await onProcesses(request, output) : {};
    const isClustered = request.places.includes('cluster') || request.peers.length > 0;
    const cluster = isClustered ? await swapCluster(request, output) : { ours: {}, peers: {} };
    printFigures({ ...processes, ...cluster.ours, ...cluster.peers }, output);
    const [processed, clustered] = [processes['processes'], cluster.ours['cluster']];
    return {
      ours: clustered ?? processed ?? {},
      ...(clustered === undefined || processed === undefined ? {} : { processes: processed }),
      peers: cluster.peers,
    };
  },
};

async function onProcesses(
  { swaps, pauseMs }: SwapRequest,
  { progress }: BenchOutput,
): Promise<Readonly<Record<string, SwapFigures>>> {
  progress('starting an API server, and a stack as processes');
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('interrupted'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const server = await startPrivateApiServer();
  try {
    const { kubeconfig } = server;
    const options = { starts: startsOf(swaps, COLD_EVERY), pauseMs, progress };
    const processes = figuresOf(await swapProcesses({ kubeconfig, signal: interrupted.signal }, options));
    progress(`processes: ${JSON.stringify(processes)}`);
    return { processes };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    await server.stop();
  }
}
