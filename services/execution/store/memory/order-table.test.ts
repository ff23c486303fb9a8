import { assert, array, constantFrom, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import { approvedOrder } from '../../../../test/fixtures/approved-orders.ts';
import { isTerminal, type OrderState } from '../../../shared/domain/orders/order.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { intendedOrder, type OrderRecord } from '../../core/order-record.ts';
import { OrderTable } from './order-table.ts';

const IDS = ['a', 'b', 'c', 'd'] as const;
const STATES: readonly OrderState[] = [
  { kind: 'Intended' },
  { kind: 'Open', venueOrderId: 'v' },
  { kind: 'Filled', venueOrderId: 'v', filled: parseDecimal('1') },
];

function orderOf(id: string, state: OrderState): OrderRecord {
  const order = approvedOrder(`decision-${id}`);
  return { ...intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 }), state };
}

type What = OrderState | 'delete' | 'clear';
const step = record({ id: constantFrom(...IDS), what: constantFrom<What[]>(...STATES, 'delete', 'clear') });

it('answers from its indexes as a search of all orders would, in the same order', () => {
  assert(
    property(array(step), (steps) => {
      const table = new OrderTable();
      for (const { id, what } of steps) {
        if (what === 'clear') table.clear();
        else if (what === 'delete') table.delete(id);
        else if (table.get(id) === undefined || !isTerminal((table.get(id) as OrderRecord).state))
          table.set(id, orderOf(id, what));
        const all = [...table.values()];
        expect(table.live()).toEqual(all.filter(({ state }) => !isTerminal(state)));
        for (const one of IDS)
          expect(table.hasDecision(`decision-${one}`)).toBe(
            all.some(({ decisionId }) => decisionId === `decision-${one}`),
          );
      }
    }),
  );
});
