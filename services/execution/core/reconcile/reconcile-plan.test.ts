import { describe, expect, it } from 'vitest';
import type { TradingState } from '../../../shared/domain/trading-state.ts';
import { parseDecimal, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { OrderState } from '../../../shared/domain/orders/order.ts';
import type { OrderReport } from '../../../shared/domain/orders/order-report.ts';
import { admissionRefusal, type AdmissionFacts } from '../admission.ts';
import { ordersToCancel, type CancelFacts } from '../cancel-rules.ts';
import type { ApprovedOrder, OrderRecord } from '../order-record.ts';
import { portfolioFigures } from '../portfolio.ts';
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
const order = (clientOrderId: string, state: OrderState, deadlineMs = 5): OrderRecord => ({
  request: { clientOrderId, symbol: 'XRP/ETH', side: 'buy', type: 'LIMIT', price: ZERO, quantity: ZERO },
  decisionId: clientOrderId,
  strategy: 's',
  epoch: 1,
  deadlineMs,
  riskHash: '',
  reservedAsset: 'ETH',
  reserved: ZERO,
  intendedAtMs: 0,
  state,
  filled: ZERO,
  tradeIds: new Set(),
});
const open: OrderState = { kind: 'Open', venueOrderId: 'v' };
const unknown: OrderState = { kind: 'Unknown', sinceMs: 0, filled: ZERO, venueOrderId: undefined };

describe('planReconcile', () => {
  it.each([
    ['reports an order that is open on both sides', [order(`${TAG}1`, open)], [report(`${TAG}1`)], ['Report']],
    [
      'queries an order that is live in the record and not open at the venue',
      [order(`${TAG}1`, { kind: 'Intended' })],
      [],
      ['Query'],
    ],
    ['adopts an open order that has our tag and no row', [], [report(`${TAG}9`)], ['Adopt']],
    [
      'finds a contradiction when an order ended in the record and is open at the venue',
      [order(`${TAG}1`, { kind: 'NeverSent', reason: 'x' })],
      [report(`${TAG}1`)],
      ['Contradiction'],
    ],
    ['does nothing for an order that ended on both sides', [order(`${TAG}1`, { kind: 'Rejected', code: 'x' })], [], []],
  ])('%s', (_title, rows, venue, steps) => {
    const { ours, foreign } = planReconcile({ tag: TAG, rows, open: venue });
    expect([ours.map(({ kind }) => kind), foreign]).toEqual([steps, []]);
  });

  it.each([
    ['our ID', { clientOrderId: `${TAG}1` }, open, 'Unread'],
    ["the venue's ID", { venueOrderId: 'v', clientOrderId: '' }, open, 'Unread'],
    ['our ID, of unknown outcome', { clientOrderId: `${TAG}1` }, unknown, 'Unread'],
    ["the venue's ID, of another order", { venueOrderId: 'w' }, open, 'Query'],
    ['no ID', {}, unknown, 'Query'],
  ])('takes an order that a row names by %s as the row allows', (_title, known, state, kind) => {
    const unread = [{ row: '', problem: 'p', digest: '', known }];
    const { ours } = planReconcile({ tag: TAG, rows: [order(`${TAG}1`, state)], open: [], unread });
    expect(ours).toEqual([{ kind, clientOrderId: `${TAG}1` }]);
  });

  it('takes no step for an order that has ended in the record, and for one without a row, of an unreadable row', () => {
    const ended = order(`${TAG}1`, { kind: 'NeverSent', reason: 'x' });
    const unread = [`${TAG}1`, `${TAG}9`].map((clientOrderId) => {
      return { row: '', problem: 'p', digest: '', known: { clientOrderId } };
    });
    expect(planReconcile({ tag: TAG, rows: [ended], open: [], unread })).toEqual({
      ours: [],
      foreign: [],
      apart: unread,
    });
  });

  it.each(['', 'zzzzzz1'])("reports our order that the venue lists under its own ID and '%s'", (clientOrderId) => {
    const listed = { ...report(clientOrderId), venueOrderId: 'v' };
    const plan = planReconcile({ tag: TAG, rows: [order(`${TAG}1`, open)], open: [listed] });
    expect(plan).toEqual({
      ours: [{ kind: 'Report', clientOrderId: `${TAG}1`, report: listed }],
      foreign: [],
      apart: [],
    });
  });

  it('takes an order without an ID of the venue for none that is listed without one', () => {
    const listed = { ...report(''), venueOrderId: '' };
    const row = order(`${TAG}1`, { ...open, venueOrderId: '' });
    const plan = planReconcile({ tag: TAG, rows: [row], open: [listed] });
    expect([plan.ours, plan.foreign]).toEqual([[{ kind: 'Query', clientOrderId: `${TAG}1` }], [listed]]);
  });

  it('takes no step for an open order without our tag, also without a client order ID', () => {
    const open = [report('zzzzzz1'), report(''), report(`z${TAG}`)];
    expect(planReconcile({ tag: TAG, rows: [], open })).toEqual({ ours: [], foreign: open, apart: [] });
  });

  it('counts an unreadable row with the ID of somebody else as foreign, and sets every other one apart', () => {
    const row = (known: object) => ({ row: '', problem: 'p', digest: '', known });
    const theirs = [row({ clientOrderId: 'x', venueOrderId: 'w' })];
    const apart = [{ clientOrderId: 'x', venueOrderId: 'v' }, { clientOrderId: '' }, {}].map(row);
    const plan = planReconcile({ tag: TAG, rows: [order(`${TAG}1`, open)], open: [], unread: [...theirs, ...apart] });
    expect([plan.foreign, plan.apart]).toEqual([theirs, apart]);
  });
});

const FACTS: CancelFacts = {
  nowMs: 0,
  tradingState: 'Active',
  bestBid: () => undefined,
  isRequested: () => false,
};

describe('ordersToCancel', () => {
  const kinds = (nowMs: number, tradingState: TradingState): readonly string[] =>
    ordersToCancel(
      [
        order('a', open),
        order('b', { kind: 'Intended' }),
        order('c', { kind: 'CancelPending', venueOrderId: 'v', filled: ZERO }, 99),
      ],
      { ...FACTS, nowMs, tradingState },
    ).map(({ request }) => request.clientOrderId);

  it('returns resting orders past their deadline', () => {
    expect([kinds(5, 'Active'), kinds(6, 'Active')]).toEqual([[], ['a']]);
  });

  it('returns every resting order while halted', () => {
    expect(kinds(0, 'Halted')).toEqual(['a', 'c']);
  });

  it.each(['Reducing', 'Flattening'] as const)('returns resting buys while %s, and lets sales rest', (state) => {
    const sale = order('s', open);
    const resting = [order('b', open), { ...sale, request: { ...sale.request, side: 'sell' as const } }];
    const due = ordersToCancel(resting, { ...FACTS, tradingState: state });
    expect(due.map(({ request }) => request.clientOrderId)).toEqual(['b']);
  });
});

it('cancels the resting orders that risk has requested, and again until they have ended', () => {
  const resting = [
    order('a', open),
    order('b', { kind: 'CancelPending', venueOrderId: 'v', filled: ZERO }),
    order('c', { kind: 'Submitted' }),
    order('d', open),
  ];
  const due = ordersToCancel(resting, { ...FACTS, isRequested: (id) => id !== 'd' });
  expect(due.map(({ request }) => request.clientOrderId)).toEqual(['a', 'b']);
});

describe('ordersToCancel, of an order that the market may leave behind', () => {
  const requote = { above: parseDecimal('0.0014'), fromMs: 2, untilMs: 4 };
  const due = (state: OrderState, nowMs: number, bid: string | undefined, terms = true): boolean => {
    const resting = { ...order('a', state), ...(terms && { requote }) };
    const bestBid = (symbol: string) => (bid === undefined || symbol !== 'XRP/ETH' ? undefined : parseDecimal(bid));
    return ordersToCancel([resting], { ...FACTS, nowMs, bestBid }).length === 1;
  };

  it.each([
    [2, '0.0015', true],
    [1, '0.0015', false],
    [4, '0.0015', false],
    [3, '0.0014', false],
    [3, undefined, false],
  ])('returns it at %d with a best bid of %s: %s', (nowMs, bid, expected) => {
    expect(due(open, nowMs, bid)).toBe(expected);
  });

  it('returns it again until it has ended, and never one that does not rest or has no terms', () => {
    expect(due({ kind: 'CancelPending', venueOrderId: 'v', filled: ZERO }, 3, '0.0015')).toBe(true);
    expect(due({ kind: 'Intended' }, 3, '0.0015')).toBe(false);
    expect(due(open, 3, '0.0015', false)).toBe(false);
  });
});

describe('admissionRefusal', () => {
  const approved = { side: 'buy', deadline: 10 } as ApprovedOrder;
  const fine: AdmissionFacts = {
    nowMs: 10,
    tradingState: 'Active',
    isRequested: () => false,
    reduceOnly: false,
    reconciled: true,
    setApart: false,
    otherStack: false,
    canary: undefined,
    instrumentKnown: true,
    liveStates: [open],
  };
  const WAITING = { instrumentKnown: false, reconciled: false };
  it.each<[string, ApprovedOrder, Partial<AdmissionFacts>, string | undefined]>([
    ['admits an order when every condition holds', approved, {}, undefined],
    ['rejects an order after its deadline', approved, { nowMs: 11 }, 'Expired'],
    [
      'admits an entry up to the time at which its signal is too old',
      { ...approved, sendUntil: 9 },
      { nowMs: 9 },
      undefined,
    ],
    ['rejects an entry whose signal is too old, before its deadline', { ...approved, sendUntil: 9 }, {}, 'Expired'],
    [
      'rejects an entry after its deadline, whatever its signal',
      { ...approved, sendUntil: 99 },
      { nowMs: 11 },
      'Expired',
    ],
    ['rejects a buy that is in the way of an exit', approved, { isRequested: () => true }, 'ExitFirst'],
    ['does so at once, whatever it waits for', approved, { ...WAITING, isRequested: () => true }, 'ExitFirst'],
    ['admits a sale all the same', { ...approved, side: 'sell' }, { isRequested: () => true }, undefined],
    ['rejects an order while halted', approved, { tradingState: 'Halted' }, 'Halted'],
    [
      'rejects an order whose instrument was unknown until the deadline',
      approved,
      { instrumentKnown: false, nowMs: 11 },
      'InstrumentNotKnown',
    ],
    ['rejects a buy beside another stack', approved, { otherStack: true, reduceOnly: true }, 'OtherStack'],
    ['rejects a buy during a ledger drift', approved, { reduceOnly: true }, 'ReduceOnly'],
    ['rejects a buy beside an order of unknown outcome', approved, { liveStates: [open, unknown] }, 'UnknownOrders'],
    [
      'rejects a buy beside an order whose outcome was not recorded',
      approved,
      { liveStates: [{ kind: 'Intended' }] },
      'UnknownOrders',
    ],
    [
      'rejects a buy beside an order that an older sender was sending',
      approved,
      { liveStates: [{ kind: 'Submitted' }] },
      'UnknownOrders',
    ],
    [
      'admits a sale during a ledger drift and beside an order of unknown outcome',
      { ...approved, side: 'sell' },
      { reduceOnly: true, otherStack: true, liveStates: [unknown] },
      undefined,
    ],
    ['rejects a buy while reducing', approved, { tradingState: 'Reducing' }, 'Reducing'],
    ['admits a sale while reducing', { ...approved, side: 'sell' }, { tradingState: 'Reducing' }, undefined],
    ['rejects a buy while flattening', approved, { tradingState: 'Flattening' }, 'Flattening'],
    ['admits a sale while flattening', { ...approved, side: 'sell' }, { tradingState: 'Flattening' }, undefined],
    ['rejects a sale while halted', { ...approved, side: 'sell' }, { tradingState: 'Halted' }, 'Halted'],
  ])('%s', (_title, given, change, refusal) => {
    expect(admissionRefusal(given, { ...fine, ...change })).toBe(refusal);
  });
});

describe('portfolioFigures', () => {
  const d = parseDecimal;
  const portfolio = {
    orders: 1,
    fills: 1,
    positions: [{ symbol: 'XRP/ETH', quantity: d('10'), cost: d('0.014'), realised: d('-0.1') }],
    thirdAssetFees: new Map<string, Decimal>(),
  };
  const marked = (marks: [string, Decimal][]) => portfolioFigures(portfolio, new Map(marks));
  it('values a position at its mark', () => {
    expect(marked([['XRP/ETH', d('0.0015')]])).toEqual({
      'position.XRP/ETH': '10',
      'realised.XRP/ETH': '-0.1 ETH',
      'unrealised.XRP/ETH': '0.001 ETH',
    });
  });
  it('omits the unrealised P&L of a position without a mark', () => {
    expect(marked([])).not.toHaveProperty('unrealised.XRP/ETH');
  });
  it('names at most 20 fees that the profit does not contain, and none that is zero', () => {
    const thirdAssetFees = new Map(Array.from({ length: 30 }, (_, index) => [`A${index}`, d(String(index))]));
    const named = Object.entries(portfolioFigures({ ...portfolio, thirdAssetFees }, new Map())).slice(2);
    expect([named.length, named[0]]).toEqual([20, ['thirdAssetFees.A1', '1 A1']]);
  });
});
