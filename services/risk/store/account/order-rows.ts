import { z } from 'zod';
import { nonNegativeDecimal, positiveDecimal, side } from '../../../shared/contracts/field.ts';
import { orderType } from '../../../shared/contracts/messages/approved-order.ts';
import { ORDER_STATE_KINDS } from '../../../shared/domain/orders/order.ts';
import type { Account } from '../../core/account.ts';
import type { OrderView, PositionView } from '../../core/risk-state.ts';
import type { RowReader, Salvaged } from './row-reader.ts';
import { salvagedOrder } from './salvaged-order.ts';

const terms = z.object({
  clientOrderId: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  side,
  type: orderType,
  price: positiveDecimal,
  quantity: positiveDecimal,
});

const time = z.number().optional().catch(undefined);

/** Without it, all that is not filled may still trade. */
const finalExecuted = nonNegativeDecimal
  .nullable()
  .catch(null)
  .transform((executed) => executed ?? undefined);

const approval = terms.extend({ decidedAt: time });

const liveOrder = terms.extend({
  sinceMs: time,
  filled: nonNegativeDecimal,
  state: z.enum(ORDER_STATE_KINDS),
  reservedAsset: z.string(),
  reserved: nonNegativeDecimal,
  finalExecuted,
});

/** Reads the orders that live, and the approvals without an order. One that cannot be read counts as an order. */
export function readOrders(
  reader: RowReader,
  rows: { readonly orders: unknown; readonly waiting: unknown },
  positions: readonly PositionView[],
): Pick<Account, 'liveOrders' | 'openApprovals'> {
  const salvage = (row: unknown): Salvaged<OrderView> => salvagedOrder(row, positions);
  const liveOrders = [...reader.all('trading.orders', rows.orders, { schema: liveOrder, salvage })];
  const openApprovals = reader.all('risk.decisions', rows.waiting, {
    schema: approval,
    salvage: (row) => {
      const { rows: orders, ...rest } = salvage(row);
      liveOrders.push(...orders);
      return { ...rest, rows: [] };
    },
  });
  return { liveOrders, openApprovals };
}
