import { describe, expect, it } from 'vitest';
import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';
import type { Course } from './course-violations.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import { violationsOf, type Evidence } from './invariants.ts';

const fill = {
  tradeId: 't1',
  clientOrderId: 'a',
  symbol: 'XRP/ETH',
  side: 'buy',
  price: '0.0014',
  quantity: '10',
} as const;
const sound: Evidence = {
  log: [
    { seq: 1, kind: 'placed', time: 1_000, receivedAt: 1_000, clientOrderId: 'a' },
    { seq: 2, kind: 'fill', time: 1_000, fee: '0.00001', feeAsset: 'ETH', ...fill },
    { seq: 3, kind: 'placed', time: 2_000, receivedAt: 2_000, clientOrderId: 'b' },
  ],
  orders: [
    { client_order_id: 'a', epoch: '1', intended_ms: 999, state: 'Filled' },
    { client_order_id: 'b', epoch: '2', intended_ms: 2_000, state: 'Open' },
  ],
  trades: [
    {
      venue_trade_id: 't1',
      client_order_id: 'a',
      symbol: 'XRP/ETH',
      side: 'buy',
      price: '0.001400',
      quantity: '10.0',
      fee: '0.00001',
      fee_asset: 'ETH',
    },
  ],
  positions: { 'XRP/ETH': '10' },
  ledger: { XRP: '10', ETH: '0.98599' },
  venue: { XRP: '10.000', ETH: '0.98599' },
  course: {
    approvals: [{ client_order_id: 'a', deadline_ms: 1_500 }],
    steps: [
      stepOf('a', 'Intended', 999),
      stepOf('a', 'Unknown', 1_100),
      stepOf('a', 'PartiallyFilled', 1_200),
      stepOf('b', 'Intended', 2_000),
      stepOf('a', 'Filled', 2_500),
      stepOf('a', 'Filled', 2_600),
    ],
    endBoundMs: 1_000,
  },
};

function stepOf(id: string, state: string, at_ms: number, side = 'buy'): OrderStep {
  return { client_order_id: id, epoch: id === 'a' ? 1 : 2, symbol: 'XRP/ETH', side, state, at_ms };
}

describe('violationsOf', () => {
  it('finds no violation in consistent evidence', () => {
    expect(violationsOf(sound)).toEqual([]);
  });

  const [placed, filled, second] = sound.log;
  const { symbol, side, price, quantity } = fill;
  const terms = { symbol, side, type: 'LIMIT_MAKER', price, quantity } as const;

  it('finds no violation in an order that was filled as it was approved', () => {
    const approved = { ...terms, price: '0.00140', quantity: '10.0' };
    const [first, other] = sound.orders;
    const log = [{ ...placed!, ...terms }, filled!, second!];
    expect(violationsOf({ ...sound, log, orders: [{ ...first!, approved }, other!] })).toEqual([]);
  });

  describe.each(['placed', 'rejected'] as const)('of an order that was approved and %s', (kind) => {
    const other = sound.orders[1]!;
    const found = (change: Partial<VenueLogEntry>) => {
      const log = [placed!, filled!, { ...second!, kind, ...terms, ...change }];
      const orders = [sound.orders[0]!, { ...other, state: 'Unknown', approved: terms }];
      return violationsOf({ ...sound, log, orders });
    };

    it('finds nothing wrong with the terms that were approved, however their amounts are written', () => {
      expect(found({ price: '0.001400', quantity: '10.0' })).toEqual([]);
    });

    it.each<Partial<VenueLogEntry>>([
      { symbol: 'BTC/ETH' },
      { side: 'sell' },
      { type: 'LIMIT' },
      { price: '0.00141' },
      { quantity: '20' },
    ])('finds I4: other terms %o', (change) => {
      expect(found(change)).toEqual([expect.stringMatching(/^I4: order b .* and was approved as LIMIT_MAKER buy 10 /)]);
    });

    it('finds I4: no intent', () => {
      const log = [...sound.log, { ...second!, ...terms, seq: 4, kind, clientOrderId: 'c' }];
      expect(violationsOf({ ...sound, log })).toEqual(['I4: the venue got order c without an intent']);
    });

    it('finds I4: an intent after the request arrived, and before the venue logged the order', () => {
      expect(found({ receivedAt: 1_990 })).toEqual(['I4: the intent of b is 10 ms younger than the order']);
      expect(found({ time: 1_990 })).toEqual([]);
    });
  });

  it('finds I4: an intent after an order of which only the time of the log is known', () => {
    const { receivedAt: _receivedAt, ...entry } = second!;
    const log = [placed!, filled!, { ...entry, time: 1_990 }];
    expect(violationsOf({ ...sound, log })).toEqual(['I4: the intent of b is 10 ms younger than the order']);
  });

  it.each([
    ['I1', 'a second order of one intent', { log: [placed!, ...sound.log] }],
    ['I3', 'an older epoch after a newer one', { log: [second!, placed!, filled!] }],
    ['I4', 'an order without an intent', { orders: sound.orders.slice(1) }],
    ['I4', 'an intent after the order', { orders: [{ ...sound.orders[0]!, intended_ms: 1_001 }, sound.orders[1]!] }],
    [
      'I4',
      'an order before the sender learned of the commit',
      { orders: [{ ...sound.orders[0]!, committed_after: 1 }, sound.orders[1]!] },
    ],
    [
      'I8',
      'an order that has ended here, and is open at the venue',
      { log: [{ ...placed!, ...terms, quantity: '11' }, filled!, second!] },
    ],
    ['I5', 'a fill missing in our trades', { trades: [] }],
    ['I5', 'a fill unknown to the venue', { log: [placed!, second!], positions: {} }],
    ['I5', 'a fill with another amount', { trades: [{ ...sound.trades[0]!, quantity: '9' }] }],
    ['I5', 'a different position', { positions: { 'XRP/ETH': '9' } }],
    ['I5', 'a different cash balance', { ledger: { XRP: '10', ETH: '0.98598' } }],
    ['I5', 'an asset missing in the ledger', { ledger: { XRP: '10' } }],
    [
      'I8',
      'a NeverSent order that the venue accepted',
      { orders: [sound.orders[0]!, { ...sound.orders[1]!, state: 'NeverSent' }] },
    ],
    [
      'I8',
      'a Rejected order that the venue accepted',
      { orders: [sound.orders[0]!, { ...sound.orders[1]!, state: 'Rejected' }] },
    ],
    [
      'I8',
      'a Cancelled order that the venue refused',
      {
        log: [placed!, filled!, { ...second!, kind: 'rejected' as const }],
        orders: [sound.orders[0]!, { ...sound.orders[1]!, state: 'Cancelled' }],
      },
    ],
  ])('finds %s: %s', (invariant, _name, change: Partial<Evidence>) => {
    const found = violationsOf({ ...sound, ...change });
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((line) => line.startsWith(invariant))).toBe(true);
  });

  it('allows an order that has ended here, and whose rest was cancelled at the venue', () => {
    const log = [
      { ...placed!, ...terms, quantity: '11' },
      filled!,
      { ...placed!, kind: 'cancelled' as const },
      second!,
    ];
    expect(violationsOf({ ...sound, log }).filter((line) => line.startsWith('I8'))).toEqual([]);
  });

  it.each(['Rejected', 'NeverSent', 'Unknown'])('allows that an order which the venue refused is %s', (state) => {
    const log = [placed!, filled!, { ...second!, kind: 'rejected' as const }];
    expect(violationsOf({ ...sound, log, orders: [sound.orders[0]!, { ...sound.orders[1]!, state }] })).toEqual([]);
  });

  const course = sound.course!;
  const [intended, unknown] = course.steps;
  it.each([
    [
      'I2',
      'an approval without an order',
      { approvals: [...course.approvals, { client_order_id: 'c', deadline_ms: 1 }] },
    ],
    ['I2', 'an order that has not ended', { steps: course.steps.slice(0, -2) }],
    ['I2', 'an order that has ended twice', { steps: [...course.steps, stepOf('a', 'Cancelled', 2_700)] }],
    ['I2', 'an order that has ended too late', { endBoundMs: 999 }],
    [
      'I8',
      'a buy beside an unknown order',
      { steps: [intended!, unknown!, stepOf('b', 'Intended', 1_150), ...course.steps.slice(2)] },
    ],
    [
      'I8',
      "a buy beside an older sender's order without an outcome",
      { steps: [intended!, stepOf('b', 'Intended', 1_050), ...course.steps.slice(1)] },
    ],
    [
      'I8',
      "a buy beside the same sender's order whose answer is overdue",
      { steps: [{ ...intended!, epoch: 2, at_ms: -5_000 }, stepOf('b', 'Intended', 1), ...course.steps.slice(1)] },
    ],
  ])('finds %s: %s', (invariant, _name, change: Partial<Course>) => {
    const found = violationsOf({ ...sound, course: { ...course, ...change } });
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((line) => line.startsWith(invariant))).toBe(true);
  });

  it('allows a sell order, and a buy order of another instrument, beside an unknown order', () => {
    const sale = stepOf('b', 'Intended', 1_150, 'sell');
    const other = { ...stepOf('c', 'Intended', 1_160), symbol: 'BTC/ETH' };
    const steps = [intended!, unknown!, sale, other, ...course.steps.slice(2)];
    expect(violationsOf({ ...sound, course: { ...course, steps } })).toEqual([]);
  });

  it('gives a sender time to receive the answer to an order', () => {
    const steps = [{ ...intended!, epoch: 2 }, stepOf('b', 'Intended', 1_050), ...course.steps.slice(1)];
    expect(violationsOf({ ...sound, course: { ...course, steps } })).toEqual([]);
  });
});
