import { expect, it } from 'vitest';
import { ORDER_STATE_KINDS, canTransition } from '../../services/shared/domain/orders/order.ts';
import { unfinishedOrders } from './unfinished-orders.ts';

it('names the orders whose state can still change, and no other', () => {
  const changing = ORDER_STATE_KINDS.filter((from) => ORDER_STATE_KINDS.some((to) => canTransition(from, to)));
  const orders = ORDER_STATE_KINDS.map((state) => ({ client_order_id: `id-${state}`, state }));
  expect(changing).toContain('Unknown');
  expect(unfinishedOrders(orders)).toEqual(changing.map((state) => `order id-${state} is ${state}`));
});
