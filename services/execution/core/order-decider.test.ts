import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderStates } from '../../../test/fixtures/arbitraries.ts';
import { approve } from '../../shared/domain/orders/approved.ts';
import { add, parseDecimal, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import { filledOf, isTerminal, type OrderState, type OrderStateKind } from '../../shared/domain/orders/order.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import { UnprocessableError } from '../../shared/domain/unprocessable-error.ts';
import type { Observation } from './observation.ts';
import { observe } from './order-decider.ts';
import { intendedOrder, type OrderRecord } from './order-record.ts';

const QUANTITY = parseDecimal('10');
const intent: OrderRecord = intendedOrder({
  order: approve({
    decisionId: 'd1',
    stack: 's-1',
    strategy: 'trend',
    clientOrderId: 'abc',
    symbol: 'XRP/ETH',
    side: 'buy',
    type: 'LIMIT',
    price: parseDecimal('0.0014'),
    quantity: QUANTITY,
    deadline: 2_000,
    decidedAt: 900,
    riskHash: 'h',
    release: 'r',
  }),
  instrument: { takerFee: parseDecimal('0.001') },
  epoch: 3,
  intendedAtMs: 1_000,
});

function inState(state: OrderState): OrderRecord {
  return { ...intent, state, filled: filledOf(state) };
}

function fillOf(quantity: string, venueTradeId = 't1'): Fill {
  const amounts = { price: parseDecimal('0.0014'), quantity: parseDecimal(quantity), fee: ZERO, feeAsset: 'ETH' };
  const ids = { venueTradeId, venueOrderId: 'v1', clientOrderId: 'abc' };
  return { ...ids, ...amounts, symbol: 'XRP/ETH', side: 'buy', maker: false, time: 1_500 };
}

function reportOf(status: OrderReport['status'], executed: string): OrderReport {
  const ids = { venueOrderId: 'v1', clientOrderId: 'abc', symbol: 'XRP/ETH' };
  return {
    ...ids,
    side: 'buy',
    price: ZERO,
    quantity: QUANTITY,
    executed: parseDecimal(executed),
    status,
    resting: true,
  };
}

const OBSERVATIONS = {
  accepted: { kind: 'Accepted', venueOrderId: 'v1' },
  refused: { kind: 'Refused', code: '30005' },
  notSent: { kind: 'NotSent', reason: 'PermitExpired' },
  unknown: { kind: 'OutcomeUnknown', atMs: 1_100 },
  cancel: { kind: 'CancelRequested' },
  concluded: { kind: 'Concluded', reason: 'NeverArrived' },
  part: { kind: 'FillSeen', fill: fillOf('4') },
  whole: { kind: 'FillSeen', fill: fillOf('10') },
  new: { kind: 'Reported', report: reportOf('New', '0') },
  filledReport: { kind: 'Reported', report: reportOf('Filled', '10') },
  cancelledEmpty: { kind: 'Reported', report: reportOf('Cancelled', '0') },
} as const satisfies Record<string, Observation>;
type Name = keyof typeof OBSERVATIONS;

/**
 * Every observation that moves a state, with the states that it passes through. All other pairs change nothing. The
 * states here have no fills.
 */
const MOVES: Partial<Record<OrderStateKind, Partial<Record<Name, readonly OrderStateKind[]>>>> = {
  Intended: {
    accepted: ['Submitted', 'Open'],
    refused: ['Submitted', 'Rejected'],
    notSent: ['NeverSent'],
    unknown: ['Submitted', 'Unknown'],
    concluded: ['NeverSent'],
    part: ['PartiallyFilled'],
    whole: ['Filled'],
    new: ['Open'],
    filledReport: ['Open', 'Open'],
    cancelledEmpty: ['Cancelled'],
  },
  Submitted: {
    accepted: ['Open'],
    refused: ['Rejected'],
    unknown: ['Unknown'],
    part: ['PartiallyFilled'],
    whole: ['Filled'],
    new: ['Open'],
    filledReport: ['Open', 'Open'],
    cancelledEmpty: ['Cancelled'],
  },
  Unknown: {
    accepted: ['Open'],
    refused: ['Rejected'],
    concluded: ['NeverSent'],
    part: ['PartiallyFilled'],
    whole: ['Filled'],
    new: ['Open'],
    filledReport: ['Open', 'Open'],
    cancelledEmpty: ['Cancelled'],
  },
  // Without its fills, an order that the venue calls filled stays as it is, and what it executed is kept.
  Open: {
    cancel: ['CancelPending'],
    part: ['PartiallyFilled'],
    whole: ['Filled'],
    filledReport: ['Open'],
    cancelledEmpty: ['Cancelled'],
  },
  PartiallyFilled: {
    cancel: ['CancelPending'],
    part: ['PartiallyFilled'],
    whole: ['Filled'],
    filledReport: ['PartiallyFilled'],
    cancelledEmpty: ['Cancelled'],
  },
  CancelPending: {
    part: ['CancelPending'],
    whole: ['Filled'],
    filledReport: ['CancelPending'],
    cancelledEmpty: ['Cancelled'],
  },
};

describe('decide', () => {
  const pairs = orderStates(ZERO).flatMap((state) =>
    (Object.keys(OBSERVATIONS) as Name[]).map((name) => [state.kind, name, state] as const),
  );

  it.each(pairs)('%s, %s', (kind, name, state) => {
    const { events } = observe(inState(state), OBSERVATIONS[name]);
    const fillOfAnEndedOrder = isTerminal(state) && (name === 'part' || name === 'whole');
    expect(events.map((event) => event.state.kind)).toEqual(fillOfAnEndedOrder ? [kind] : (MOVES[kind]?.[name] ?? []));
  });

  it('ends an order only after every fill that the venue reports is recorded', () => {
    const partly = observe(intent, OBSERVATIONS.part).order;
    const early = observe(partly, { kind: 'Reported', report: reportOf('Cancelled', '7') });
    expect(early.events).toEqual([{ kind: 'EndReported', executed: parseDecimal('7'), state: partly.state }]);
    const complete = observe(early.order, { kind: 'FillSeen', fill: fillOf('3', 't2') }).order;
    expect(observe(complete, { kind: 'Reported', report: reportOf('Cancelled', '7') }).order.state).toEqual({
      kind: 'Cancelled',
      venueOrderId: 'v1',
      filled: parseDecimal('7'),
    });
  });

  it('keeps the most that the reports of an end say it executed, and nothing of an order that lives', () => {
    const partly = observe(intent, OBSERVATIONS.part).order;
    const after = (order: OrderRecord, ...reports: readonly OrderReport[]): Decimal | undefined =>
      reports.reduce((before, report) => observe(before, { kind: 'Reported', report }).order, order).finalExecuted;
    expect(after(partly, reportOf('PartiallyFilled', '7'), reportOf('New', '7'))).toBeUndefined();
    expect(after(partly, reportOf('Cancelled', '7'), reportOf('Cancelled', '6'))).toBe(parseDecimal('7'));
    expect(after(partly, reportOf('Cancelled', '7'), reportOf('Filled', '10'))).toBe(QUANTITY);
    const [again] = [reportOf('Cancelled', '7')].map((report) => {
      const { order } = observe(partly, { kind: 'Reported', report });
      return observe(order, { kind: 'Reported', report }).events;
    });
    expect(again).toEqual([]);
  });

  it('ignores a report that is older than the recorded fills', () => {
    const partly = observe(intent, OBSERVATIONS.part).order;
    expect(observe(partly, { kind: 'Reported', report: reportOf('Cancelled', '0') }).events).toEqual([]);
  });

  it('counts a fill of an ended order, and says that it is late', () => {
    const ended = inState({ kind: 'NeverSent', reason: 'NeverArrived' });
    const { events, order } = observe(ended, OBSERVATIONS.part);
    expect(events).toMatchObject([{ kind: 'FillAdded', late: true }]);
    expect(order).toMatchObject({ filled: parseDecimal('4'), state: ended.state });
  });

  it('books a fill that exceeds the order quantity, and marks it as late', () => {
    const { events, order } = observe(intent, { kind: 'FillSeen', fill: fillOf('11') });
    expect(events).toMatchObject([{ late: true }]);
    expect(order.state).toMatchObject({ kind: 'Filled', filled: parseDecimal('11') });
  });

  it('throws on a fill that cannot be true, unless its trade is booked', () => {
    const wrong = { kind: 'FillSeen', fill: { ...fillOf('4'), side: 'sell' } } as const;
    expect(() => observe(intent, wrong)).toThrow(UnprocessableError);
    expect(observe(observe(intent, OBSERVATIONS.part).order, wrong).events).toEqual([]);
  });

  it('never rejects an order that has a fill', () => {
    const partly = { ...observe(intent, OBSERVATIONS.part).order, state: { kind: 'Submitted' } } as const;
    expect(observe(partly, OBSERVATIONS.refused).events).toEqual([]);
  });
});

describe('any sequence of observations', () => {
  const observations = fc.array(
    fc.oneof(
      fc.constantFrom<Observation>(...Object.values<Observation>(OBSERVATIONS)),
      fc
        .record({ id: fc.nat(5), quantity: fc.integer({ min: 1, max: 4 }) })
        .map(({ id, quantity }): Observation => ({ kind: 'FillSeen', fill: fillOf(String(quantity), `f${id}`) })),
      fc
        .record({
          executed: fc.nat(10),
          status: fc.constantFrom('New' as const, 'PartiallyFilled' as const, 'Filled' as const, 'Cancelled' as const),
        })
        .map(({ executed, status }): Observation => ({
          kind: 'Reported',
          report: reportOf(status, String(executed)),
        })),
    ),
    { maxLength: 40 },
  );

  it('never throws, counts each trade once, and never leaves a terminal state', () => {
    fc.assert(
      fc.property(observations, (sequence) => {
        let order = intent;
        const seen = new Map<string, Decimal>();
        for (const observation of sequence) {
          const before = order;
          order = observe(order, observation).order;
          if (observation.kind === 'FillSeen' && !seen.has(observation.fill.venueTradeId))
            seen.set(observation.fill.venueTradeId, observation.fill.quantity);
          if (isTerminal(before.state)) expect(order.state).toEqual(before.state);
        }
        expect(order.filled).toBe([...seen.values()].reduce(add, ZERO));
        expect(order.tradeIds).toEqual(new Set(seen.keys()));
      }),
    );
  });

  it('changes nothing when every fill is observed a second time', () => {
    fc.assert(
      fc.property(observations, (sequence) => {
        const fills = sequence.filter(({ kind }) => kind === 'FillSeen');
        const once = fills.reduce((order, observation) => observe(order, observation).order, intent);
        const twice = [...fills].reverse().reduce((order, observation) => observe(order, observation).order, once);
        expect(twice).toEqual(once);
      }),
    );
  });
});
