import { z } from 'zod';
import { nonNegativeDecimal, positiveDecimal, side, symbol } from '../../../shared/contracts/field.ts';
import { orderType } from '../../../shared/contracts/messages/approved-order.ts';
import { ZERO } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import { ORDER_STATE_KINDS } from '../../../shared/domain/orders/order.ts';
import { reservationOf } from '../../../shared/domain/orders/reservation.ts';
import type { Account } from '../../core/account.ts';
import type { OrderView, PositionView } from '../../core/risk-state.ts';
import type { RowReader, Salvaged } from './row-reader.ts';

const terms = z.object({
  clientOrderId: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  side,
  type: orderType,
  price: positiveDecimal,
  quantity: positiveDecimal,
});

const liveOrder = terms.extend({
  filled: nonNegativeDecimal,
  state: z.enum(ORDER_STATE_KINDS),
  reservedAsset: z.string(),
  reserved: nonNegativeDecimal,
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
    schema: terms,
    salvage: (row) => {
      const { rows: orders, assets } = salvage(row);
      liveOrders.push(...orders);
      return { rows: [], ...(assets !== undefined && { assets }) };
    },
  });
  return { liveOrders, openApprovals };
}

const damaged = z.object({
  clientOrderId: z.string().catch(''),
  strategy: z.string(),
  symbol,
  side: side.catch('sell'),
  type: orderType.catch('LIMIT'),
  price: positiveDecimal.catch(ZERO),
  filled: nonNegativeDecimal.catch(ZERO),
  quantity: positiveDecimal.optional().catch(undefined),
  reservedAsset: z.string().optional().catch(undefined),
  reserved: nonNegativeDecimal.optional().catch(undefined),
});

/**
 * An order that cannot be read counts as one of unknown outcome: an exit does not wait for it, and leaves out what it
 * may sell. Without its side or its quantity that is all that is held. Where the funds that it may take are unknown,
 * their assets are named.
 */
function salvagedOrder(row: unknown, positions: readonly PositionView[]): Salvaged<OrderView> {
  const { data } = damaged.safeParse(row);
  if (data === undefined) return { rows: [] };
  const { quantity, reservedAsset, reserved, ...rest } = data;
  const view = { ...rest, state: 'Unknown' } as const;
  const { base, quote } = assetsOf(view.symbol);
  if (quantity === undefined) {
    const held =
      positions.find((one) => one.strategy === view.strategy && one.symbol === view.symbol)?.quantity ?? ZERO;
    const all = { ...view, quantity: held, filled: ZERO, reservedAsset: base, reserved: ZERO };
    return { rows: held > ZERO ? [all] : [], assets: [base, quote] };
  }
  if (reservedAsset !== undefined && reserved !== undefined)
    return { rows: [{ ...view, quantity, reservedAsset, reserved }] };
  const { asset, amount } = reservationOf({ ...view, quantity }, ZERO);
  const isKnown = view.side === 'sell' || view.price > ZERO;
  const order = { ...view, quantity, reservedAsset: asset, reserved: amount };
  return isKnown ? { rows: [order] } : { rows: [order], assets: [base, quote] };
}
