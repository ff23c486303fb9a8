import { manualEffects } from '../../../services/execution/core/reconcile/manual-trade.ts';
import { observe } from '../../../services/execution/core/order-decider.ts';
import { effectsOf } from '../../../services/execution/core/order-effects.ts';
import { intendedOrder, type OrderRecord } from '../../../services/execution/core/order-record.ts';
import { openDatabase } from '../../../services/execution/clients/open-database.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { transferOf } from '../../../services/shared/domain/ledger.ts';
import type { Fill } from '../../../services/shared/domain/orders/fill.ts';
import { isPostgresUnavailable } from '../../../services/shared/postgres/errors.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { approvedOrder, TEST_STACK } from '../../fixtures/approved-orders.ts';
import type { PostgresAddress } from './private-postgres.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** Opens the record as execution does, with its limits. `commit` and `note` are what an order waits for. */
export function openOrderRecord(address: PostgresAddress) {
  const rules = { observe, effectsOf, transferOf, manualEffects };
  const { store, close } = openDatabase(address, TEST_STACK, { ...rules, clock: systemClock, log });
  const sender = { epoch: 1, holder: 'me', approvedBy: 'test' };
  return {
    close,
    raiseFence: async () => await store.raiseFence(sender),
    /** Commits the intent of a buy. */
    commit: async (decisionId: string) => await store.commitIntent(sender, intentOf(decisionId)),
    /** Notes that it is filled. A repeat changes nothing. Undefined when the order has no row. */
    note: async (decisionId: string) => {
      const { request } = intentOf(decisionId);
      const key = { clientOrderId: request.clientOrderId, venueOrderId: '' };
      const fill: Fill = {
        venueTradeId: `t-${decisionId}`,
        venueOrderId: `v-${decisionId}`,
        clientOrderId: request.clientOrderId,
        symbol: request.symbol,
        side: request.side,
        price: request.price,
        quantity: request.quantity,
        fee: parseDecimal('0.00001'),
        feeAsset: 'ETH',
        maker: false,
        time: Date.now(),
      };
      const observation = { kind: 'FillSeen', fill } as const;
      return await store.recordObservation({ key, observation, epoch: sender.epoch, atMs: Date.now() });
    },
  };
}

function intentOf(decisionId: string): OrderRecord {
  const order = approvedOrder(decisionId);
  return intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: order.decidedAt });
}

/** Returns how each ended: 'succeeded', 'unavailable', with another error, or not within the time. */
export async function endsWithin(ms: number, work: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const late = systemClock.sleep(ms).then(() => `under way after ${ms} ms`);
  return await Promise.all(work.map(async (one) => await Promise.race([one.then(() => 'succeeded', nameOf), late])));
}

function nameOf(error: unknown): string {
  return isPostgresUnavailable(error) ? 'unavailable' : String(error);
}
