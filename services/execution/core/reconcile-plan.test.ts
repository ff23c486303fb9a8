import { describe, expect, it } from 'vitest';
import { parseDecimal, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import type { OrderState } from '../../shared/domain/order.ts';
import type { OrderReport } from '../../shared/domain/order-report.ts';
import { admissionRefusal, type AdmissionFacts } from './admission.ts';
import { ordersToCancel } from './cancel-rules.ts';
import type { ApprovedOrder, OrderRecord } from './order-record.ts';
import { portfolioFigures } from './portfolio.ts';
import { planReconcile } from './reconcile-plan.ts';

const TAG = 'abcdef';
const report = (clientOrderId: string): OrderReport => ({
  venueOrderId: `v-${clientOrderId}`,
  clientOrderId,
  symbol: 'XRP/ETH',
  side: 'buy',
  price: ZERO,
  quantity: ZERO,
  executed: ZERO,
  status: 'New',
  resting: true,
});
const order = (clientOrderId: string, state: OrderState, deadline = 5): OrderRecord => ({
  request: { clientOrderId, symbol: 'XRP/ETH', side: 'buy', type: 'LIMIT', price: ZERO, quantity: ZERO },
  decisionId: clientOrderId,
  strategy: 's',
  epoch: 1,
  deadline,
  riskHash: '',
  reservedAsset: 'ETH',
  reserved: ZERO,
  intendedAt: 0,
  state,
  filled: ZERO,
  tradeIds: new Set(),
});
const open: OrderState = { kind: 'Open', venueOrderId: 'v' };
const unknown: OrderState = { kind: 'Unknown', since: 0, filled: ZERO, venueOrderId: undefined };

describe('planReconcile', () => {
  it.each([
    ['open on both sides', [order(`${TAG}1`, open)], [report(`${TAG}1`)], ['Report']],
    ['live here, not open there', [order(`${TAG}1`, { kind: 'Intended' })], [], ['Ask']],
    ['open there, without a row', [], [report(`${TAG}9`)], ['Adopt']],
    ['open there, of somebody else', [], [report('zzzzzz1')], ['Quarantine']],
    ['open there, without any id', [], [report('')], ['Quarantine']],
    [
      'ended here, open there',
      [order(`${TAG}1`, { kind: 'NeverSent', reason: 'x' })],
      [report(`${TAG}1`)],
      ['Contradiction'],
    ],
    ['ended here, not open there', [order(`${TAG}1`, { kind: 'Rejected', code: 'x' })], [], []],
  ])('%s', (_what, rows, venue, steps) => {
    expect(planReconcile({ tag: TAG, rows, open: venue }).map(({ kind }) => kind)).toEqual(steps);
  });
});

describe('ordersToCancel', () => {
  const kinds = (now: number, halted: boolean): readonly string[] =>
    ordersToCancel(
      [
        order('a', open),
        order('b', { kind: 'Intended' }),
        order('c', { kind: 'CancelPending', venueOrderId: 'v', filled: ZERO }, 99),
      ],
      {
        now,
        halted,
      },
    ).map(({ request }) => request.clientOrderId);

  it('takes resting orders past their deadline', () => {
    expect([kinds(5, false), kinds(6, false)]).toEqual([[], ['a']]);
  });

  it('takes every resting order while halted', () => {
    expect(kinds(0, true)).toEqual(['a', 'c']);
  });
});

describe('admissionRefusal', () => {
  const approved = { side: 'buy', deadline: 10 } as ApprovedOrder;
  const fine: AdmissionFacts = {
    now: 10,
    halted: false,
    reduceOnly: false,
    instrumentKnown: true,
    liveStates: [open],
  };
  it.each<[string, ApprovedOrder, Partial<AdmissionFacts>, string | undefined]>([
    ['all is well', approved, {}, undefined],
    ['too late', approved, { now: 11 }, 'Expired'],
    ['halted', approved, { halted: true }, 'Halted'],
    ['no instrument until the deadline', approved, { instrumentKnown: false, now: 11 }, 'InstrumentNotKnown'],
    ['a drift', approved, { reduceOnly: true }, 'ReduceOnly'],
    ['an unknown order', approved, { liveStates: [open, unknown] }, 'UnknownOrders'],
    ['an order whose outcome was not noted', approved, { liveStates: [{ kind: 'Intended' }] }, 'UnknownOrders'],
    ['an order that an older sender was sending', approved, { liveStates: [{ kind: 'Submitted' }] }, 'UnknownOrders'],
    [
      'a sale beside a drift and an unknown order',
      { ...approved, side: 'sell' },
      { reduceOnly: true, liveStates: [unknown] },
      undefined,
    ],
    ['a sale while halted', { ...approved, side: 'sell' }, { halted: true }, 'Halted'],
  ])('%s', (_what, given, change, refusal) => {
    expect(admissionRefusal(given, { ...fine, ...change })).toBe(refusal);
  });
});

describe('portfolioFigures', () => {
  const d = parseDecimal;
  const portfolio = {
    orders: 1,
    fills: 1,
    positions: [{ symbol: 'XRP/ETH', quantity: d('10'), cost: d('0.014'), realised: d('-0.1') }],
  };
  const marked = (marks: [string, Decimal][]) => portfolioFigures(portfolio, new Map(marks));
  it('values what is held at the mark', () => {
    expect(marked([['XRP/ETH', d('0.0015')]])).toEqual({
      'position.XRP/ETH': '10',
      'realised.XRP/ETH': '-0.1',
      'unrealised.XRP/ETH': '0.001',
    });
  });
  it('values nothing without a mark', () => {
    expect(marked([])).not.toHaveProperty('unrealised.XRP/ETH');
  });
});
