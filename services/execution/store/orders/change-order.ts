import type { Pool } from 'pg';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import { FLAT, type Position } from '../../../shared/domain/position.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { OrderChange } from '../../core/order-decider.ts';
import type { FillEffects } from '../../core/order-effects.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import { insertOrderEvent } from './insert-order-event.ts';
import { announceFill, announceOrder } from '../outbox/insert-outbox.ts';
import { insertPostings } from '../ledger/insert-postings.ts';
import { insertTrade } from './insert-trade.ts';
import { lockOrder } from './lock-order.ts';
import type { OrderKey } from '../../ports.ts';
import { lockOutbox } from '../outbox/lock-outbox.ts';
import { lockPosition } from '../portfolio/lock-position.ts';
import { noteExitRefusal } from '../portfolio/note-exit-refusal.ts';
import { updateOrder } from './update-order.ts';
import { upsertPosition } from '../portfolio/upsert-position.ts';

/** Epoch of the writer, time, and rules of a change. */
export interface OrderChangeOptions {
  readonly epoch: number;
  readonly atMs: number;
  /** Pure; may be called again after a serialization failure. */
  readonly decide: (order: OrderRecord) => OrderChange;
  readonly effectsOf: (fill: Fill, position: Position) => FillEffects;
}

/**
 * Calls `decide` with the locked order and writes everything that follows in the same transaction: order, history,
 * trade, position, postings, balances and outbox messages. Undefined when the order does not exist.
 */
export async function changeOrder(
  pool: Pool,
  stack: string,
  key: OrderKey,
  options: OrderChangeOptions,
): Promise<OrderChange | undefined> {
  return await transaction(pool, async (client) => {
    await lockOutbox(client, stack);
    const before = await lockOrder(client, stack, key);
    if (before === undefined) return undefined;
    const change = options.decide(before);
    if (change.events.length > 0) await write(client, stack, change, options);
    return change;
  });
}

async function write(
  client: Queryable,
  stack: string,
  { order, events }: OrderChange,
  options: OrderChangeOptions,
): Promise<void> {
  for (const event of events) {
    // No step of the order: its state stays.
    if (event.kind === 'EndReported') continue;
    if (event.kind === 'FillAdded') await writeFill(client, stack, { order, fill: event.fill }, options);
    const step = { ...order, state: event.state };
    if (event.kind === 'Moved' && event.lacksFunds === true && order.request.side === 'sell')
      await noteExitRefusal(client, stack, step, options.atMs);
    await insertOrderEvent(client, stack, step, options);
    await announceOrder(client, stack, step, options);
  }
  await updateOrder(client, stack, order);
}

async function writeFill(
  client: Queryable,
  stack: string,
  { order, fill }: { readonly order: OrderRecord; readonly fill: Fill },
  { effectsOf }: OrderChangeOptions,
): Promise<void> {
  const { clientOrderId } = order.request;
  // The decider knows the fills of the order, so this one is new.
  const isNew = await insertTrade(client, stack, clientOrderId, fill);
  if (!isNew) throw new Error(`trade ${fill.venueTradeId} of ${fill.symbol} is already recorded for the order`);
  const key = { strategy: order.strategy, symbol: fill.symbol };
  const { position, postings } = effectsOf(fill, (await lockPosition(client, stack, key)) ?? FLAT);
  await upsertPosition(client, stack, key, position);
  await insertPostings(client, stack, `fill:${fill.symbol}:${fill.venueTradeId}:${clientOrderId}`, postings);
  await announceFill(client, stack, order, fill);
}
