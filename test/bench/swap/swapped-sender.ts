import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../services/shared/runtime/errors.ts';
import type { LogLine } from '../../harness/processes/service-process.ts';
import type { BenchOutput } from '../bench.ts';
import { handOversIn } from './hand-over.ts';
import { placedOrders, untilSentIn, type OrderLog } from './order-log.ts';
import { senderChanges } from './sender-changes.ts';
import type { Measured } from './swap-figures.ts';
import { LIFETIME_MS } from './taking-orders.ts';
import { samplesOf, type AskedSwap, type Start } from './swap-sample.ts';

/** A sender under 20 orders a second that can be replaced by one of another version. */
export interface SwappedSender extends OrderLog {
  /** Asks the cluster for the other one of two versions. */
  readonly change: () => Promise<void>;
  /** Waits until that version sends, and until the cluster has nothing left to do for it. */
  readonly settled: () => Promise<void>;
  /** Waits until the version that does not send has no process. */
  readonly cool: () => Promise<void>;
  /** What all processes of execution logged. */
  readonly lines: () => Promise<readonly LogLine[]>;
}

export interface SwapOptions extends Pick<BenchOutput, 'progress'> {
  /** How the version that is to send starts, for each swap. */
  readonly starts: readonly Start[];
  /** Pause before each swap. */
  readonly pauseMs: number;
}

/**
 * Swaps the sender to and fro, and reads what the venue saw of it. The first swap that fails, such as one after which
 * no order is sent, ends the series: what was measured before it counts, and the failure is part of the result.
 */
export async function measureSwaps(
  sender: SwappedSender,
  { starts, pauseMs, progress }: SwapOptions,
): Promise<Measured> {
  const asked: AskedSwap[] = [];
  let failure: string | null = null;
  let epoch = await untilSentIn(sender, 1);
  for (const start of starts) {
    await delay(pauseMs);
    try {
      if (start === 'cold') await sender.cool();
      const askedMs = Date.now();
      await sender.change();
      await sender.settled();
      epoch = await untilSentIn(sender, epoch + 1);
      asked.push({ start, askedMs });
    } catch (error) {
      failure = `swap ${asked.length + 1}: ${messageOf(error)}`;
      progress(failure);
      break;
    }
    progress(`swap ${asked.length} of ${starts.length}, ${start}: epoch ${epoch}`);
  }
  const placed = await placedOrders(sender);
  const orders = placed.filter((order) => order.epoch <= epoch);
  const handOvers = handOversIn(await sender.lines());
  const samples = samplesOf({ asked, changes: senderChanges(orders), handOvers });
  const unsent = await neverSent(sender, asked[0]?.askedMs ?? 0);
  return { samples, orders: placed.length, neverSent: unsent, failure };
}

/** Orders since the first swap that ended without being sent. */
async function neverSent({ pool, stack }: SwappedSender, sinceMs: number): Promise<number> {
  const sql = `SELECT count(*) AS count FROM trading.orders WHERE stack = $1 AND state = 'NeverSent' AND deadline > $2`;
  const { rows } = await pool.query<{ count: string }>(sql, [stack, new Date(sinceMs + LIFETIME_MS)]);
  return Number(rows[0]?.count ?? 0);
}
