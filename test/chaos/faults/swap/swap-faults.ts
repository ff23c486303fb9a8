import { findContainer, freezeContainer, killContainer, type ContainerChoice } from '../../../e2e/container-process.ts';
import { patchSpec } from '../../../e2e/halt/halt-sources.ts';
import { venueLog } from '../../../e2e/trading.ts';
import { ordersReceivedAfter } from '../../../e2e/halt/venue-orders.ts';
import { until } from '../../../e2e/until.ts';
import type { Fault } from '../fault.ts';
import { whileHalted } from '../halt.ts';
import { killOfLeader } from '../kill.ts';
import { pause } from '../pause.ts';
import { cutFromPeer, PEERS } from './cut-from-peer.ts';
import { deletionInSwap } from './delete-stack.ts';
import { restartNode, stopApiServer } from './embedded-node.ts';
import { swapFault, type BegunSwap, type MiddleResult } from './swap-fault.ts';
import { changeTo, versionBeside } from './versions.ts';

/** Three times the age at which a permit to send expires (`permitMs` in operator/resources/settings/execution.ts). */
const FROZEN_SECONDS = 6;
const API_SERVER_SECONDS = 120;
/** A swap that has begun may end first, which takes both senders off the venue for that long at most. */
const SWAPPED_WITHIN_MS = 30_000;

const NOTHING: MiddleResult = {};

/** Faults in the middle of a swap. `blue` is the sender before the swap, `green` the next one. */
export const SWAP_FAULTS: readonly Fault[] = [
  swapFault('alone', async () => await Promise.resolve(NOTHING)),
  swapFault('kill-operator', async ({ stack, options }) => ({ violations: await killOfLeader.strike(stack, options) })),
  swapFault('kill-blue', async ({ stack, blue }) => await kill(stack, blue)),
  // Before that moment, its pod is that of the release before, or none.
  swapFault('kill-green', async ({ stack, green }) => await kill(stack, green), 'Armed'),
  swapFault('freeze-blue', async (swap) => await freeze(swap, swap.blue), 'Armed'),
  swapFault('freeze-green', async (swap) => await freeze(swap, swap.green), 'Armed'),
  ...PEERS.map((peer) =>
    swapFault(`cut-blue-from-${peer}`, async (swap) => {
      await cutFromPeer(swap, peer);
      return NOTHING;
    }),
  ),
  swapFault('halt', async ({ stack, options: { seconds, stop } }) => {
    const pauseThen = async (): Promise<readonly string[]> => {
      await pause(seconds, stop);
      return [];
    };
    return { violations: await whileHalted(stack, 'spec', pauseThen) };
  }),
  swapFault('suspend', suspend),
  swapFault('edit', edit),
  swapFault('api-server', withoutApiServer),
  swapFault('node-restart', async ({ stack }) => {
    await restartNode(stack.cluster);
    return NOTHING;
  }),
  deletionInSwap,
];

async function kill({ kubectl, cluster }: BegunSwap['stack'], choice: ContainerChoice): Promise<MiddleResult> {
  await until('a process to kill', async () => await killContainer(kubectl, cluster, choice));
  return NOTHING;
}

/** Returns when it continued, or shortly before: what it sends after that, it sends late. */
async function freeze({ stack, options }: BegunSwap, choice: ContainerChoice): Promise<MiddleResult> {
  const container = await findContainer(stack.kubectl, choice);
  let resumedMs = 0;
  try {
    await freezeContainer(stack.cluster, container, 'STOP');
    await pause(FROZEN_SECONDS, options.stop);
  } finally {
    resumedMs = Date.now();
    await freezeContainer(stack.cluster, container, 'CONT');
  }
  return { resumedMs };
}

async function suspend({ stack, options }: BegunSwap): Promise<MiddleResult> {
  try {
    await patchSpec(stack, { suspend: true });
    await pause(options.seconds, options.stop);
  } finally {
    await patchSpec(stack, { suspend: false });
  }
  return NOTHING;
}

/** A second edit: to a third version, or back to the one before the swap. */
async function edit({ stack, version, options }: BegunSwap): Promise<MiddleResult> {
  const third = versionBeside(versionBeside(version, 'After'), 'After');
  await patchSpec(stack, changeTo(options.seconds % 2 === 0 ? version : third));
  return NOTHING;
}

/** Trading needs no API server. */
async function withoutApiServer({ stack, options }: BegunSwap): Promise<MiddleResult> {
  const { cluster, kubectl, place } = stack;
  const stoppedMs = Date.now();
  await stopApiServer(cluster, API_SERVER_SECONDS, options.stop);
  const continuedMs = Date.now();
  const log = await until('the log of the venue', async () => await venueLog(kubectl, place));
  const meanwhile = ordersReceivedAfter(log, stoppedMs + SWAPPED_WITHIN_MS).filter(
    ({ receivedAt = 0 }) => receivedAt < continuedMs,
  );
  if (meanwhile.length > 0 || options.stop.aborted) return NOTHING;
  return { violations: [`the venue received no order while the API server was stopped for ${API_SERVER_SECONDS} s`] };
}
