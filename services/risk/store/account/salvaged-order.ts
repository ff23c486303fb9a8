import { z } from 'zod';
import { nonNegativeDecimal, positiveDecimal, side, symbol } from '../../../shared/contracts/field.ts';
import { orderType } from '../../../shared/contracts/messages/approved-order.ts';
import { DecimalError, ZERO } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import { reservationOf } from '../../../shared/domain/orders/reservation.ts';
import type { OrderView, PositionView } from '../../core/risk-state.ts';
import type { Salvaged } from './row-reader.ts';

const damaged = z.object({
  clientOrderId: z.string().catch(''),
  strategy: z.string(),
  symbol,
  side: side.optional().catch(undefined),
  type: orderType.catch('LIMIT'),
  price: positiveDecimal.catch(ZERO),
  filled: nonNegativeDecimal.catch(ZERO),
  quantity: positiveDecimal.optional().catch(undefined),
  reservedAsset: z.string().optional().catch(undefined),
  reserved: nonNegativeDecimal.optional().catch(undefined),
});

/**
 * An order that cannot be read counts as one of unknown outcome: an exit leaves out what it may sell, which is all that
 * is held without its quantity.
 */
export function salvagedOrder(row: unknown, positions: readonly PositionView[]): Salvaged<OrderView> {
  const { data } = damaged.safeParse(row);
  if (data === undefined) return { rows: [], hidesExposure: true };
  const { clientOrderId, strategy, symbol: pair, type, price, filled, quantity } = data;
  const own = { clientOrderId, strategy, symbol: pair, type, price, filled };
  const view = { ...own, side: data.side ?? 'sell', state: 'Unknown' } as const;
  const { base, quote } = assetsOf(pair);
  if (quantity === undefined) {
    const { quantity: held = ZERO } = positions.find((one) => one.strategy === strategy && one.symbol === pair) ?? {};
    const all = { ...view, quantity: held, filled: ZERO, reservedAsset: base, reserved: ZERO };
    return { rows: held > ZERO ? [all] : [], assets: [base, quote], hidesExposure: hidesExposure(data) };
  }
  const funds = fundsOf({ ...view, quantity }, data);
  if (funds === undefined) return { rows: [], hidesExposure: true };
  return { rows: [{ ...view, quantity, ...funds }], hidesExposure: hidesExposure(data) };
}

type Funds = Pick<OrderView, 'reservedAsset' | 'reserved'>;

/** What the row says, else what such an order reserves. Undefined when that is out of range. */
function fundsOf(order: Parameters<typeof reservationOf>[0], row: z.output<typeof damaged>): Funds | undefined {
  const { reservedAsset, reserved } = row;
  if (reservedAsset !== undefined && reserved !== undefined) return { reservedAsset, reserved };
  try {
    const { asset, amount } = reservationOf(order, ZERO);
    return { reservedAsset: asset, reserved: amount };
  } catch (error) {
    if (error instanceof DecimalError) return undefined;
    throw error;
  }
}

/** Whether it may be a buy whose notional is unknown. */
function hidesExposure({ side: known, price, quantity }: z.output<typeof damaged>): boolean {
  return known === undefined || (known === 'buy' && (price === ZERO || quantity === undefined));
}
