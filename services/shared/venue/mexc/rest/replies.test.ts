import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../domain/decimal.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { fillPageOf } from './fill-page.ts';
import { parseAccount, parseTrades } from './replies.ts';

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

describe('the trades of an account', () => {
  const trade = {
    symbol: 'XRPETH',
    id: 'T',
    orderId: 'V1',
    price: '1',
    qty: '2',
    commission: '1E-8',
    commissionAsset: 'MX',
    time: 5,
    isBuyer: false,
    isMaker: true,
  };
  const page = (...rows: readonly unknown[]) =>
    fillPageOf(parseTrades(rows, new Map([['XRPETH', 'XRP/ETH']])), { fromMs: 3, toMs: 9 });

  it.each([
    ['a fee that is not exact', { ...trade, id: 'B', clientOrderId: 'c', commission: '1E-19' }, ['B', 'V1', 'c', 5]],
    ['another symbol', { ...trade, id: 'B', symbol: 'BTCUSDT' }, ['B', 'V1', '', 5]],
    ['no time', { ...trade, id: 7, time: null }, ['7', 'V1', '', undefined]],
    ['nothing that can be read', 'x', ['', '', '', undefined]],
  ])('are read apart from one with %s, which is kept as it is', (_title, row, keys) => {
    const { fills, unread = [], complete } = page(row, trade);
    expect(fills).toMatchObject([{ venueTradeId: 'T', fee: parseDecimal('0.00000001') }]);
    const kept = unread.map((one) => [one.venueTradeId, one.venueOrderId, one.clientOrderId, one.time]);
    expect([kept, unread[0]?.row, complete]).toEqual([[keys], row, true]);
    expect(unread[0]?.problem).not.toBe('');
  });

  it('leave out one that cannot be read beyond the range, and count it for the length of the page', () => {
    const beyond = { ...trade, commission: 'x', time: 10 };
    expect(page(beyond)).toEqual({ fills: [], complete: true });
    expect(page(...Array.from({ length: 100 }, () => beyond)).complete).toBe(false);
    expect(page(...Array.from({ length: 99 }, () => beyond), { ...beyond, time: 2 }).complete).toBe(true);
    expect(page(...Array.from({ length: 100 }, () => ({ ...trade, time: null }))).complete).toBe(false);
  });

  it('are unknown when the reply is no list', () => {
    expect(() => parseTrades({}, new Map())).toThrow(VenueReplyError);
  });
});
