import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { messageOf } from '../../../services/shared/runtime/errors.ts';
import type { LogLine } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { venueLog } from '../../judges/order-path-evidence.ts';
import type { BenchOutput } from '../bench.ts';
import { handOversIn } from './hand-over.ts';
import { senderChanges, type PlacedOrder } from './sender-changes.ts';
import type { Measured } from './swap-figures.ts';
import { LIFETIME_MS } from './taking-orders.ts';
import { samplesOf, type AskedSwap, type Start } from './swap-sample.ts';

/** A sender under 20 orders a second that can be replaced by one of another version. */
export interface SwappedSender {
  /** ID of the stack in the database. */
  readonly stack: string;
  readonly pool: Pool;
  /** Of the venue. */
  readonly venueUrl: string;
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

const ORDERS_WITHIN_MS = 120_000;

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

/** Waits for an order in this epoch or a later one. Returns the newest epoch with an order. */
async function untilSentIn({ pool, stack }: SwappedSender, epoch: number): Promise<number> {
  const sql = `SELECT max(epoch) AS epoch FROM trading.orders WHERE stack = $1 AND state <> 'NeverSent'`;
  const newest = async (): Promise<number | undefined> => {
    const { rows } = await pool.query<{ epoch: string | null }>(sql, [stack]);
    const found = Number(rows[0]?.epoch ?? 0);
    return found >= epoch ? found : undefined;
  };
  return await until(newest, { what: `an order in epoch ${epoch}`, withinMs: ORDERS_WITHIN_MS, everyMs: 100 });
}

/** The log is read first: an order is recorded before it is sent. */
async function placedOrders({ pool, stack, venueUrl }: SwappedSender): Promise<readonly PlacedOrder[]> {
  const placed = (await venueLog(venueUrl)).filter(({ kind }) => kind === 'placed');
  const { rows } = await pool.query<{ id: string; epoch: string }>(
    'SELECT client_order_id AS id, epoch FROM trading.orders WHERE stack = $1',
    [stack],
  );
  const epochOf = new Map(rows.map(({ id, epoch }) => [id, Number(epoch)]));
  return placed.map(({ time, clientOrderId = '' }) => {
    const epoch = epochOf.get(clientOrderId);
    if (epoch === undefined) throw new Error(`the venue has the order ${clientOrderId}, the record does not`);
    return { timeMs: time, epoch };
  });
}

/** Orders since the first swap that ended without being sent. */
async function neverSent({ pool, stack }: SwappedSender, sinceMs: number): Promise<number> {
  const sql = `SELECT count(*) AS count FROM trading.orders WHERE stack = $1 AND state = 'NeverSent' AND deadline > $2`;
  const { rows } = await pool.query<{ count: string }>(sql, [stack, new Date(sinceMs + LIFETIME_MS)]);
  return Number(rows[0]?.count ?? 0);
}
