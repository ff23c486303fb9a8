import type { Pool } from 'pg';
import { until } from '../../harness/until.ts';
import { venueLog } from '../../judges/order-path-evidence.ts';
import type { PlacedOrder } from './sender-changes.ts';

/** Where the orders of a stack are on record: in its database, and at the venue. */
export interface OrderLog {
  /** ID of the stack in the database. */
  readonly stack: string;
  readonly pool: Pool;
  /** Of the venue. */
  readonly venueUrl: string;
}

const ORDERS_WITHIN_MS = 120_000;

/** Waits for an order in this epoch or a later one. Returns the newest epoch with an order. */
export async function untilSentIn({ pool, stack }: Pick<OrderLog, 'pool' | 'stack'>, epoch: number): Promise<number> {
  const sql = `SELECT max(epoch) AS epoch FROM trading.orders WHERE stack = $1 AND state <> 'NeverSent'`;
  const newest = async (): Promise<number | undefined> => {
    const { rows } = await pool.query<{ epoch: string | null }>(sql, [stack]);
    const found = Number(rows[0]?.epoch ?? 0);
    return found >= epoch ? found : undefined;
  };
  return await until(newest, { what: `an order in epoch ${epoch}`, withinMs: ORDERS_WITHIN_MS, everyMs: 100 });
}

/** The log is read first: an order is recorded before it is sent. */
export async function placedOrders({ pool, stack, venueUrl }: OrderLog): Promise<readonly PlacedOrder[]> {
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
