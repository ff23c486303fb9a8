import type { Kubectl } from '../e2e/kubectl.ts';
import type { StackPlace } from '../e2e/place.ts';
import { stackStatus } from '../e2e/halt/trading-state.ts';
import { venueLog } from '../e2e/trading.ts';
import { ordersReceivedAfter } from '../e2e/halt/venue-orders.ts';
import { until } from '../e2e/until.ts';
import type { ChaosStack } from './faults/fault.ts';

interface PodView {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const RUNNING_WITHIN_MS = 180_000;
const ORDER_WITHIN_MS = 180_000;

/** Waits until all pods of the stack are ready and its phase is Running. Throws with what blocks it after 3 minutes. */
export async function untilRunsAgain(stack: ChaosStack): Promise<void> {
  await until(
    'the stack to run',
    async () => {
      const { status, current } = await stackStatus(stack);
      const { phase, blockedBy, conditions = [] } = status;
      const { message = '' } = conditions.find(({ type }) => type === 'Ready') ?? {};
      if (phase !== 'Running' || !current) throw new Error(`it is ${phase}: ${blockedBy ?? ''} ${message}`);
      const unready = await unreadyPods(stack.kubectl, stack.place);
      if (unready.length > 0) throw new Error(`not ready: ${unready.join(', ')}`);
      return true;
    },
    { withinMs: RUNNING_WITHIN_MS, everyMs: 500 },
  );
}

/**
 * Waits for an order that the venue received after a time, in UTC milliseconds, and returns when it did. Throws after 3
 * minutes.
 */
export async function firstOrderAfter({ kubectl, place }: ChaosStack, afterMs: number): Promise<number> {
  let last = 0;
  return await until(
    'an order at the venue',
    async () => {
      const newer = await venueLog(kubectl, place, last);
      last = newer.at(-1)?.seq ?? last;
      return ordersReceivedAfter(newer, afterMs)[0]?.receivedAt;
    },
    { withinMs: ORDER_WITHIN_MS, everyMs: 500 },
  );
}

async function unreadyPods(kubectl: Kubectl, { namespace }: StackPlace): Promise<readonly string[]> {
  const { items } = await kubectl.json<{ items: readonly PodView[] }>('-n', namespace, 'get', 'pods');
  return items.filter((pod) => !hasEnded(pod) && !isReady(pod)).map(({ metadata }) => metadata.name);
}

/** The pods of jobs end. */
function hasEnded({ status }: PodView): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

function isReady({ metadata, status }: PodView): boolean {
  const ready = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return metadata.deletionTimestamp === undefined && ready === true;
}
