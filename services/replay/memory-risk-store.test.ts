import { expect, it, vi } from 'vitest';
import { approvedOrder } from '../../test/fixtures/approved-orders.ts';
import { intendedOrder } from '../execution/core/order-record.ts';
import { MemoryExecutionStore } from '../execution/store/memory/memory-execution-store.ts';
import { parseDecimal } from '../shared/domain/decimal.ts';
import { FLAT } from '../shared/domain/position.ts';
import type { TriggeredRecord } from '../risk/ports.ts';
import { riskStoreContract } from '../risk/store/risk-store-contract.ts';
import type { OnBreaker } from './memory-breakers.ts';
import { MemoryRiskStore } from './memory-risk-store.ts';

riskStoreContract('MemoryRiskStore', async () => {
  const record = new MemoryExecutionStore();
  record.activeRelease = { epoch: 1, release: 'r1', isStale: false };
  let now = 0;
  return await Promise.resolve({
    store: new MemoryRiskStore(record, () => {}, { nowMs: () => (now += 1) }),
    setActive: async (active) => {
      record.activeRelease = active;
      await Promise.resolve();
    },
    haltByHand: async (source, active) => {
      record.restrict(source, active ? 'Halted' : 'Active');
      await Promise.resolve();
    },
    addPosition: async (quantity, refusedMs) => {
      record.positions.set('cross XRP/ETH', { ...FLAT, quantity: parseDecimal(quantity) });
      if (refusedMs !== undefined) record.exitRefusedAt.set('cross XRP/ETH', refusedMs);
      await Promise.resolve();
    },
    readVenue: async (free, atMs, drifting) => {
      const reported = new Map([['ETH', { total: parseDecimal('2'), free: parseDecimal(free) }]]);
      await record.recordVenueBalances(reported, atMs, drifting ? ['ETH'] : []);
    },
    addOrder: async ({ clientOrderId, decisionId, state, code = '' }) => {
      const order = approvedOrder(decisionId, { clientOrderId, type: 'LIMIT' });
      const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
      const states = {
        Open: { kind: 'Open', venueOrderId: 'v1' },
        Filled: { kind: 'Filled', venueOrderId: 'v1', filled: order.quantity },
        Rejected: { kind: 'Rejected', code },
        NeverSent: { kind: 'NeverSent', reason: code },
      } as const;
      record.orders.set(clientOrderId, { ...intent, state: states[state] });
      await Promise.resolve();
    },
  });
});

it('keeps no decision about an order that execution could not parse', async () => {
  const rulings: string[] = [];
  const store = new MemoryRiskStore(new MemoryExecutionStore(), ({ decisionId }) => rulings.push(decisionId));
  const moment = { stack: 's', release: 'test', nowMs: 1 } as const;
  const subject = { decisionId: 'd1', strategy: 'cross', symbol: 'XRP/ETH' };
  const { requote: _, ...terms } = approvedOrder('d1');
  const order = { ...terms, price: '0.0014', quantity: '0' };
  const decision = { code: 'Approved', detail: '', inputs: {}, order };
  const decide = async () => await store.decideAll(moment, [subject], () => ({ kind: 'Decided', decision }));
  const failed = [{ kind: 'Failed', error: expect.objectContaining({ message: expect.stringContaining('quantity') }) }];
  expect(await decide()).toEqual(failed);
  // Not a repetition: nothing was recorded.
  expect(await decide()).toEqual(failed);
  expect(rulings).toEqual([]);
});

it('reports a stop that triggers once, and none that does not', async () => {
  const kinds: string[] = [];
  const onTrigger = ({ triggered }: TriggeredRecord) => void kinds.push(triggered.kind);
  const store = new MemoryRiskStore(new MemoryExecutionStore(), () => {}, { onTrigger });
  const key = { strategy: 'cross', symbol: 'XRP/ETH', openedAtMs: 1 };
  const at = { level: undefined, bid: undefined, entryPrice: undefined, atMs: 2 };
  const trigger = async () =>
    await store.triggerStop({ ...key, highPrice: undefined, triggered: { kind: 'MaxHolding', ...at } });
  await trigger();
  await store.beginStop(key, {});
  await trigger();
  await trigger();
  expect(kinds).toEqual(['MaxHolding']);
});

it('reports a breaker that trips and of the leave of that very trip, once each', async () => {
  const onBreaker = vi.fn<OnBreaker>();
  const store = new MemoryRiskStore(new MemoryExecutionStore(), () => {}, { onBreaker });
  const trip = { breaker: 'Drawdown', symbol: '', threshold: '1', detail: 'why', inputs: {}, trippedAtMs: 5 } as const;
  const leave = { ...trip, leftAtMs: 7, cause: 'Reset' } as const;
  await store.tripBreaker(trip);
  await store.tripBreaker({ ...trip, trippedAtMs: 6 });
  await store.leaveBreaker({ ...leave, trippedAtMs: 4 });
  expect(onBreaker.mock.calls).toEqual([['Tripped', trip]]);
  await store.leaveBreaker(leave);
  await store.leaveBreaker(leave);
  expect(onBreaker.mock.calls.map(([kind]) => kind)).toEqual(['Tripped', 'Left']);
});
