import { tradingStacks } from '../../../../operator/controllers/caches/stack-caches.ts';
import { otherColour } from '../../../../operator/controllers/trading-stack/rollout/colours.ts';
import type { Colour } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { catalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { cross, sampleStack } from '../../../fixtures/sample-stack.ts';
import { until } from '../../../harness/until.ts';
import { watchStack, type StackWatch } from '../../halt/stack-watch.ts';
import type { Measured } from '../swap-figures.ts';
import { measureSwaps, type SwapOptions, type SwappedSender } from '../swapped-sender.ts';
import { REQUESTS_PER_SECOND } from '../taking-orders.ts';
import { createVersions } from '../two-versions.ts';
import { NAMESPACE, type BenchCluster } from './bench-cluster.ts';
import type { ClusterStores } from './cluster-stores.ts';
import { forwardPort } from './forward-port.ts';
import { createSenderLogs } from './sender-logs.ts';

const NAME = 'ours';
const WARM_SECONDS = 86_400;
const STARTS_WITHIN_MS = 300_000;

/** Settings of a stack that trades the orders of the load only: its strategy never has enough bars. */
export const STACK_CHANGE = {
  venue: { ordersPerSecond: REQUESTS_PER_SECOND, tape: { speed: 10 } },
  strategies: [cross({ parameters: { barSeconds: 3_600, fastBars: 3, slowBars: 50 } })],
  rollout: { soakSeconds: 0 },
  paper: { balances: { ETH: '1000000', XRP: '1000000' } },
} as const;

/** Swaps the sender of a TradingStack on a cluster, by the operator. */
export async function swapStack(bench: BenchCluster, stores: ClusterStores, options: SwapOptions): Promise<Measured> {
  const { cluster, client, image } = bench;
  const change = {
    ...STACK_CHANGE,
    execution: { swap: { warmRollbackSeconds: WARM_SECONDS, postSwitchSoakSeconds: 0 } },
  };
  await client.create(tradingStacks, sampleStack({ name: NAME, namespace: NAMESPACE, image, change }));
  const stack = await watchStack(client, NAMESPACE);
  try {
    await untilStack(stack, 'to run', () => stack.phase() === 'Running');
    const { port } = catalogueRow('exchange-simulator');
    const target = `deployment/${NAME}-exchange-simulator`;
    const venue = await forwardPort({ cluster, namespace: NAMESPACE, target, port });
    const load = stores.startLoad(stack.id());
    try {
      return await measureSwaps(senderOf({ ...bench, stack, pool: stores.pool, venuePort: venue.port }), options);
    } finally {
      await load.stop();
      venue.close();
    }
  } finally {
    await stack.stop();
    await bench.kubectl.run('-n', NAMESPACE, 'delete', 'tradingstack', NAME, '--timeout=25s', '--wait=false');
    await until(async () => (await client.find(tradingStacks, { namespace: NAMESPACE, name: NAME })) === undefined, {
      what: 'the stack to be deleted',
      withinMs: STARTS_WITHIN_MS,
      everyMs: 500,
    });
  }
}

interface Parts extends Pick<BenchCluster, 'client' | 'kubectl'>, Pick<SwappedSender, 'pool'> {
  readonly stack: StackWatch;
  readonly venuePort: number;
}

function senderOf({ client, kubectl, stack, pool, venuePort }: Parts): SwappedSender {
  const versions = createVersions();
  const logs = createSenderLogs(kubectl);
  let { epoch } = stack.execution();
  const patch = async (change: object): Promise<void> => {
    await client.mergePatch(tradingStacks, { namespace: NAMESPACE, name: NAME }, change, { fieldManager: 'bench' });
  };
  return {
    stack: stack.id(),
    pool,
    venueUrl: `http://127.0.0.1:${venuePort}`,
    change: async () => {
      ({ epoch } = stack.execution());
      await patch(versions.next());
    },
    settled: async () => {
      await untilStack(stack, 'to swap its sender', () => {
        const { active, epoch: now } = stack.execution();
        return now > epoch && active !== 'none' && stack.phase() === 'Running';
      });
      await logs.collect();
    },
    cool: async () => {
      const idle = otherColour(activeColour(stack));
      await patch({ spec: { execution: { swap: { warmRollbackSeconds: 0 } } } });
      await untilStack(stack, 'to stop its standby', () => (stack.execution()[idle]?.desired ?? 0) === 0);
      const selector = `tradingstack.dev/stack=${NAME},tradingstack.dev/colour=${idle}`;
      const names = async (): Promise<string> =>
        await kubectl.run('-n', NAMESPACE, 'get', 'pods', '-l', selector, '-o', 'name');
      await until(async () => (await names()) === '', { what: 'the standby to end', withinMs: 60_000, everyMs: 500 });
      await patch({ spec: { execution: { swap: { warmRollbackSeconds: WARM_SECONDS } } } });
    },
    lines: async () => await Promise.resolve(logs.lines),
  };
}

function activeColour(stack: StackWatch): Colour {
  const { active } = stack.execution();
  if (active === 'blue' || active === 'green') return active;
  throw new Error(`the sender is ${active}`);
}

async function untilStack(stack: StackWatch, what: string, reached: () => boolean): Promise<void> {
  await until(reached, { what: `the stack ${what}`, withinMs: STARTS_WITHIN_MS, everyMs: 50 }).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}; ${stack.summary()}`);
    },
  );
}
