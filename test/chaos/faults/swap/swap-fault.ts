import type { Colour, ExecutionStatus } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { NO_SENDER } from '../../../../operator/controllers/trading-stack/rollout/colours.ts';
import type { ContainerChoice } from '../../../e2e/container-process.ts';
import { patchSpec } from '../../../e2e/halt/halt-sources.ts';
import { stackStatus, type Halting } from '../../../e2e/halt/trading-state.ts';
import { query, venueLog } from '../../../e2e/trading.ts';
import { until } from '../../../e2e/until.ts';
import { lateOrders, type SwapEvidence } from '../../../judges/late-orders.ts';
import type { ChaosStack, Fault, StrikeOptions } from '../fault.ts';
import { podsOf } from '../targets.ts';
import { coloursOf, hasReached, momentOf, type Moment } from './middle.ts';
import { swapEnd } from './swap-end.ts';
import { changeTo, directionOf, versionBeside, versionOf, type VersionedSpec } from './versions.ts';

/**
 * A swap that has begun. `blue` is the pod that sent before it, `green` the pods of which one is to send next, whatever
 * their colours are.
 */
export interface BegunSwap {
  readonly stack: ChaosStack;
  readonly options: StrikeOptions;
  readonly blue: ContainerChoice;
  readonly green: ContainerChoice;
  /** Version of the sender before the swap; null for that of the catalogue. */
  readonly version: string | null;
}

/** What a fault in the middle of a swap found. */
export interface MiddleResult {
  readonly violations?: readonly string[];
  /** When a sender continued that had been stopped, in UTC milliseconds. */
  readonly resumedMs?: number;
}

/**
 * Starts a swap of the sender, does `middle` at a moment that the seed has drawn, and waits until the swap has come to
 * its end or was undone. Resolves with the orders that no sender may send.
 */
export function swapFault(
  what: string,
  middle: (swap: BegunSwap) => Promise<MiddleResult>,
  earliest: Moment = 'Patched',
): Fault {
  return {
    name: `swap-${what}`,
    strike: async (stack, options) => {
      const { before, version, lastSeq, from, to } = await beforeSwap(stack);
      await patchSpec(stack, changeTo(versionBeside(version, directionOf(options.seconds))));
      await untilReached(stack, momentOf(options.seconds, earliest), before);
      const sent = before.pod === undefined ? {} : { pod: before.pod };
      const [blue, green] = [{ ...senderOf(stack, from), ...sent }, senderOf(stack, to)];
      const { violations = [], resumedMs } = await middle({ stack, options, blue, green, version });
      await untilEnded(stack, version);
      const found = await judgeSwap(stack, lastSeq, resumedMs);
      return [...violations, ...found];
    },
  };
}

async function beforeSwap(stack: Halting) {
  const { kubectl, place } = stack;
  const { namespace, name } = place;
  const { spec } = await kubectl.json<{ spec: VersionedSpec }>('-n', namespace, 'get', 'tradingstack', name);
  const before = (await stackStatus(stack)).status.execution ?? NO_SENDER;
  const lastSeq = (await venueLog(kubectl, place)).at(-1)?.seq ?? 0;
  return { before, version: versionOf(spec), lastSeq, ...coloursOf(before) };
}

/** Waits until a swap has come as far as a moment. Throws with the last status after two minutes. */
export async function untilReached(stack: Halting, moment: Moment, before: ExecutionStatus): Promise<void> {
  await until(
    `the swap to be ${moment}`,
    async () => {
      const { execution = NO_SENDER } = (await stackStatus(stack)).status;
      if (!hasReached(moment, before, execution)) throw new Error(JSON.stringify(execution));
      return true;
    },
    { everyMs: 50 },
  );
}

/** Selects the pods of one colour of the sender. */
function senderOf({ place }: ChaosStack, colour: Colour): ContainerChoice {
  const { namespace, selector } = podsOf(place, 'execution');
  return { namespace, selector: `${selector},tradingstack.dev/colour=${colour}` };
}

const ENDED_WITHIN_MS = 300_000;
const ORDER_WITHIN_MS = 180_000;

/**
 * Waits until the stack runs what its spec describes. A release that failed in its swap is given up by a person: the
 * spec gets the version before.
 */
async function untilEnded(stack: ChaosStack, version: string | null): Promise<void> {
  let isGivenUp = false;
  await until(
    'the swap to end',
    async () => {
      const { status, current } = await stackStatus(stack);
      const end = swapEnd(status, current);
      if (end === 'Undone' && !isGivenUp) {
        await patchSpec(stack, changeTo(version));
        isGivenUp = true;
      }
      if (end !== 'Ended') throw new Error(`it is ${status.phase}: ${status.blockedBy ?? ''}`);
      return true;
    },
    { withinMs: ENDED_WITHIN_MS },
  );
}

/** Waits for an order of the present holder of the fence, and judges all orders since the swap. */
async function judgeSwap(
  stack: ChaosStack,
  lastSeq: number,
  resumedMs: number | undefined,
): Promise<readonly string[]> {
  const probe = async (): Promise<SwapEvidence> => await evidenceSince(stack, lastSeq);
  const found = await until('an order of the newest epoch', probe, { withinMs: ORDER_WITHIN_MS });
  const evidence = { ...found, ...(resumedMs === undefined ? {} : { resumedMs }) };
  const { overlapMs = 0 } = (await stackStatus(stack)).status.execution?.lastSwap ?? {};
  const reported = overlapMs > 0 ? [`I3: the status reports an overlap of ${overlapMs} ms`] : [];
  return [...lateOrders(evidence), ...reported];
}

/** Throws as long as the venue has received no order of the present holder. */
async function evidenceSince({ kubectl, place }: ChaosStack, lastSeq: number): Promise<SwapEvidence> {
  const log = await venueLog(kubectl, place, lastSeq);
  const sql = `SELECT client_order_id AS id, epoch::float8 AS epoch FROM trading.orders WHERE stack = '${place.id}'`;
  const orders = await query<{ id: string; epoch: number }>(kubectl, place, sql);
  const [fence] = await query<SwapEvidence['fence']>(kubectl, place, fenceSql(place.id));
  const epochOf = new Map(orders.map(({ id, epoch }) => [id, epoch]));
  const isSent = log.some(({ clientOrderId = '' }) => epochOf.get(clientOrderId) === fence?.epoch);
  if (fence === undefined || !isSent) throw new Error(`${log.length} entries, fence ${JSON.stringify(fence)}`);
  return { log, epochOf, fence };
}

function fenceSql(id: string): string {
  const granted = 'floor(extract(epoch FROM granted_at) * 1000)::float8';
  return `SELECT epoch::float8 AS epoch, ${granted} AS "grantedMs" FROM trading.execution_fence WHERE stack = '${id}'`;
}
