import { stackStatus } from '../e2e/halt/trading-state.ts';
import { venueLog } from '../e2e/trading.ts';
import { ordersReceivedAfter } from '../e2e/halt/venue-orders.ts';
import { until } from '../e2e/until.ts';
import type { ChaosStack } from './faults/fault.ts';
import { unreadyPods, type PodView } from './unready-pods.ts';

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
      const pods = await stack.kubectl.json<{ items: readonly PodView[] }>('-n', stack.place.namespace, 'get', 'pods');
      const unready = unreadyPods(pods.items);
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
