import type { Pool } from 'pg';
import { manualEffects } from '../../../services/execution/core/reconcile/manual-trade.ts';
import { observe } from '../../../services/execution/core/order-decider.ts';
import { effectsOf } from '../../../services/execution/core/order-effects.ts';
import { intendedOrder, type OrderRecord } from '../../../services/execution/core/order-record.ts';
import { openDatabase, ORDER_PATH } from '../../../services/execution/clients/open-database.ts';
import { formatDecimal, parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { transferOf } from '../../../services/shared/domain/ledger.ts';
import { createPool } from '../../../services/shared/postgres/pool.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { approvedOrder, TEST_STACK } from '../../fixtures/approved-orders.ts';
import type { PostgresAddress } from '../../harness/stores/private-postgres.ts';

const log = createLogger({ name: 'bench', level: 'silent' });
export const HELD = { epoch: 1, holder: 'bench', approvedBy: 'test' };

/** Opens the record as execution does, with the pools of production. */
export function openRecord(address: PostgresAddress) {
  return openDatabase(address, TEST_STACK, { observe, effectsOf, transferOf, manualEffects, clock: systemClock, log });
}

/** Opens a pool with the settings of the one that commits intents. */
export function openPlainPool(address: PostgresAddress): Pool {
  return createPool({ ...address, ...ORDER_PATH, applicationName: 'bench', log });
}

export function orderOf(decisionId: string, quantity = '10'): OrderRecord {
  const order = approvedOrder(decisionId, { quantity: parseDecimal(quantity) });
  return intendedOrder({ order, instrument: undefined, epoch: HELD.epoch, intendedAtMs: Date.now() });
}

/** A table like that of orders, without what execution adds to it: keys on others, further indexes, rows elsewhere. */
export const CREATE_PLAIN = `
CREATE TABLE public.plain (LIKE trading.orders INCLUDING DEFAULTS);
ALTER TABLE public.plain ADD PRIMARY KEY (stack, client_order_id);
GRANT SELECT, INSERT ON public.plain TO execution`;

export const INSERT_PLAIN = `
INSERT INTO public.plain (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash,
  deadline, state, intended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`;

/** Values of the plain insert: those of the order's row. */
export function plainValues(order: OrderRecord): unknown[] {
  const { request } = order;
  return [
    TEST_STACK,
    request.clientOrderId,
    order.decisionId,
    order.strategy,
    request.symbol,
    request.side,
    request.type,
    formatDecimal(request.price),
    formatDecimal(request.quantity),
    order.reservedAsset,
    formatDecimal(order.reserved),
    order.epoch,
    order.riskHash,
    new Date(order.deadlineMs),
    order.state.kind,
    new Date(order.intendedAtMs),
  ];
}
