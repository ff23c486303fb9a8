import { assetsOf } from '../../../shared/domain/instrument.ts';
import type { OrderRecord } from '../order-record.ts';

/**
 * By how much the venue's balance of an asset may be below (`least`, at most 0) and above the ledger, in units of a
 * decimal. It is compared, never booked, so it may exceed the range of a decimal.
 */
export interface MovableAmount {
  readonly least: bigint;
  readonly most: bigint;
}

export type Movable = ReadonlyMap<string, MovableAmount>;

type LiveOrder = Pick<OrderRecord, 'request' | 'filled' | 'reserved'>;

/** The product of two decimals has units of 10^-36. */
const ONE_UNIT = 10n ** 18n;

/**
 * Returns what our orders that have not ended may have moved at the venue without a recorded fill. A buy takes at most
 * its reservation, which contains the fee. A sale may bring more than its limit price, but hardly twice as much.
 */
export function movableAmounts(orders: readonly LiveOrder[]): Movable {
  const amounts = new Map<string, MovableAmount>();
  const widen = (asset: string, { least = 0n, most = 0n }: Partial<MovableAmount>): void => {
    const known = amounts.get(asset) ?? { least: 0n, most: 0n };
    amounts.set(asset, { least: known.least + least, most: known.most + most });
  };
  for (const { request, filled, reserved } of orders) {
    const { base, quote } = assetsOf(request.symbol);
    const open = request.quantity > filled ? request.quantity - filled : 0n;
    const notional = (request.price * open) / ONE_UNIT;
    widen(base, request.side === 'buy' ? { most: open } : { least: 0n - open });
    widen(quote, request.side === 'buy' ? { least: 0n - reserved } : { most: 2n * notional });
  }
  return amounts;
}
