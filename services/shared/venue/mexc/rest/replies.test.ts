import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../domain/decimal.ts';
import { isUnread } from '../../../domain/orders/unread-row.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { parseAccount, parseOrders, parseTrades } from './replies.ts';
import { fillPageOf } from './fill-page.ts';

describe('the balances of an account', () => {
  it.each([
    ['more than 18 decimals', { asset: 'SCAM', free: '1E-19', locked: '0' }, 'free'],
    ['more than 20 digits', { asset: 'SCAM', free: '0', locked: '200000000000000000000' }, 'locked'],
    ['a JSON number', { asset: 'SCAM', free: 0.1, locked: '0' }, 'free'],
    ['no amount', { asset: 'SCAM', free: '1' }, 'locked'],
    ['a sum out of range', { asset: 'SCAM', free: '9e19', locked: '9e19' }, 'exceed'],
  ])('are known apart from one with %s, whose problem is named', (_title, row, problem) => {
    const balances = parseAccount({ balances: [row, { asset: 'ETH', free: '1E-8', locked: '0' }] });
    const text = balances.get('SCAM');
    expect(text).toEqual({ problem: expect.stringContaining(problem) });
    expect(text).toEqual({ problem: expect.stringContaining(JSON.stringify(row)) });
    expect(balances.get('ETH')).toEqual({ free: parseDecimal('0.00000001'), locked: parseDecimal('0') });
  });

  it.each([[{ free: '1', locked: '0' }], [{ asset: '' }], [{ asset: 5 }], [null]])(
    'are unknown with one of an unknown asset: %j',
    (row) => {
      expect(() => parseAccount({ balances: [{ asset: 'ETH', free: '1', locked: '0' }, row] })).toThrow(
        VenueReplyError,
      );
    },
  );
});

const NAMES = new Map([['XRPETH', 'XRP/ETH']]);
const d = parseDecimal;

describe('the trades of an account', () => {
  const trade = {
    symbol: 'XRPETH',
    id: 'T',
    orderId: 'V1',
    price: '2',
    qty: '3',
    quoteQty: '6',
    commission: '1E-8',
    commissionAsset: 'MX',
    time: 5,
    isBuyer: false,
    isMaker: true,
  };
  const terms = { side: 'sell', price: d('2'), quantity: d('3'), quoteQuantity: d('6') };
  const ids = { venueTradeId: 'B', venueOrderId: 'V1', clientOrderId: '', symbol: 'XRP/ETH' };
  const whole = { ...ids, ...terms, fee: d('0.00000001'), feeAsset: 'MX', time: 5 };
  const without = (...names: readonly string[]) =>
    Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name)));
  const page = (...rows: readonly unknown[]) => fillPageOf(parseTrades(rows, NAMES), { fromMs: 3, toMs: 9 });

  it.each([
    [
      'a fee of too many decimals',
      { commission: '0.0012345678901234567' },
      { ...whole, fee: d('0.001234567890123456') },
    ],
    ['a fee that is too small', { commission: '1E-19' }, without('fee')],
    ['a fee that is a JSON number', { commission: 0.1 }, without('fee')],
    ['a price that is no number', { price: 'x' }, without('price')],
    ['a quantity out of range', { qty: '200000000000000000000' }, without('quantity')],
    ['no side', { isBuyer: null }, without('side')],
    ['another symbol', { symbol: 'BTCUSDT' }, without('symbol')],
    ['no time', { time: null }, without('time')],
    ['no trade ID', { id: '' }, without('venueTradeId')],
    [
      'a trade ID that no text of Postgres holds, and no fee',
      { id: 'T\0', commission: '' },
      without('venueTradeId', 'fee'),
    ],
    ['no order ID', { orderId: null }, without('venueOrderId')],
    ['our ID, and no maker', { clientOrderId: 'c', isMaker: null }, { ...whole, clientOrderId: 'c' }],
  ])('are read apart from one with %s, of which the rest is known', (_title, change, known) => {
    const row = { ...trade, id: 'B', ...change };
    const { fills, unread, complete } = page(row, trade);
    expect(fills).toMatchObject([{ venueTradeId: 'T', fee: d('0.00000001') }]);
    expect(unread.map((one) => one.known)).toEqual([known]);
    expect([unread[0]?.row, complete]).toEqual([JSON.stringify(row), true]);
    expect(unread[0]?.problem).not.toBe('');
  });

  it.each([['x'], [null], [7], [[]]])('are read apart from a row that is %j', (row) => {
    const { fills, unread } = page(trade, row);
    expect(fills).toHaveLength(1);
    expect(unread.map((one) => [one.known.venueTradeId, one.row])).toEqual([[undefined, JSON.stringify(row)]]);
  });

  it('have a digest that differs beyond what is kept of a long row', () => {
    const long = (end: string) => ({ ...trade, commission: 'x'.repeat(5_000) + end });
    const digests = page(long('a'), long('b'), long('a')).unread.map(({ digest }) => digest);
    expect([digests[0] === digests[2], digests[0] === digests[1]]).toEqual([true, false]);
    expect(page(long('a')).unread[0]?.row).toHaveLength(2_000);
  });

  it('leave out one that cannot be read beyond the range, and count it for the length of the page', () => {
    const beyond = { ...trade, commission: 'x', time: 10 };
    expect(page(beyond)).toEqual({ fills: [], unread: [], complete: true });
    const many = (count: number) => Array.from({ length: count }, () => beyond);
    expect(page(...many(100)).complete).toBe(false);
    expect(page(...many(99), { ...beyond, time: 2 }).complete).toBe(true);
    expect(page(...many(99), { ...trade, time: null }).complete).toBe(false);
  });

  it('are unknown when the reply is no list', () => {
    expect(() => parseTrades({ code: 0 }, NAMES)).toThrow(VenueReplyError);
    expect(() => parseTrades(undefined, NAMES)).toThrow(VenueReplyError);
  });
});

describe('the open orders of an account', () => {
  const order = {
    symbol: 'XRPETH',
    orderId: 'V',
    clientOrderId: 'c',
    price: '2',
    origQty: '3',
    executedQty: '1',
    status: 'NEW',
    type: 'LIMIT',
    side: 'BUY',
  };
  const whole = {
    venueOrderId: 'V',
    clientOrderId: 'c',
    symbol: 'XRP/ETH',
    side: 'buy',
    price: d('2'),
    quantity: d('3'),
    executed: d('1'),
  };
  const without = (name: string) => Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name));

  it.each([
    ['a status of which the documents say nothing', { status: 'HELD' }, whole],
    ['no status and no client ID', { status: null, clientOrderId: null }, { ...whole, clientOrderId: '' }],
    ['a client ID of another type', { clientOrderId: 5 }, without('clientOrderId')],
    ['a time, and an unknown status', { time: 7, status: 'HELD' }, { ...whole, createdAt: 7 }],
    ['no ID', { orderId: null }, without('venueOrderId')],
    ['an amount that is no number', { executedQty: 'x' }, without('executed')],
    ['no side', { side: 'SHORT' }, without('side')],
    ['another symbol', { symbol: 'BTCUSDT' }, without('symbol')],
  ])('are read apart from one with %s, of which the rest is known', (_title, change, known) => {
    const row = { ...order, ...change };
    const [first, second] = parseOrders([row, { ...order, orderId: 'W' }], NAMES);
    expect(first).toEqual({ row: JSON.stringify(row), problem: expect.any(String), digest: expect.any(String), known });
    expect(second).toMatchObject({ ...whole, venueOrderId: 'W', status: 'New' });
  });

  it('are read apart from a row of which nothing is known', () => {
    const [first, second] = parseOrders([null, order], NAMES);
    expect(first).toMatchObject({ row: 'null', known: {} });
    expect(second !== undefined && isUnread(second)).toBe(false);
  });

  it('are unknown when the reply is no list', () => {
    expect(() => parseOrders({}, NAMES)).toThrow(VenueReplyError);
  });
});
