import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchangeSimulator, type TestSimulator } from '../../test/harness/exchange-simulator.ts';

let venue: TestSimulator;
beforeAll(async () => {
  venue = await startExchangeSimulator();
}, 30_000);
afterAll(async () => {
  await venue.stop();
});

const ORDER = { symbol: 'XRPETH', side: 'BUY', type: 'LIMIT', price: '0.001', quantity: '100' };

async function place(over: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const { status, body } = await venue.signed('POST', '/api/v3/order', { ...ORDER, ...over });
  expect([status, body]).toEqual([200, expect.objectContaining({ orderId: expect.stringMatching(/^C02__\d+$/) })]);
  return body as Record<string, unknown>;
}

async function query(parameters: Record<string, string>): Promise<Record<string, unknown>> {
  const { body } = await venue.signed('GET', '/api/v3/order', { symbol: 'XRPETH', ...parameters });
  return body as Record<string, unknown>;
}

describe('public REST', () => {
  it('returns time, pairs, order book, best bid/ask and trades', async () => {
    expect((await venue.get('/api/v3/ping')).body).toEqual({});
    const { serverTime } = (await venue.get('/api/v3/time')).body as { serverTime: number };
    expect(Math.abs(serverTime - Date.now())).toBeLessThan(5_000);
    expect((await venue.get('/api/v3/exchangeInfo')).body).toMatchObject({
      symbols: [
        {
          symbol: 'XRPETH',
          status: '1',
          baseAssetPrecision: 0,
          quoteAssetPrecision: 8,
          baseSizePrecision: '1',
          quoteAmountPrecision: '0.005',
          takerCommission: '0.0005',
        },
      ],
    });
    const depth = (await venue.get('/api/v3/depth?symbol=XRPETH&limit=3')).body as {
      bids: string[][];
      asks: string[][];
    };
    expect(depth.bids.map(([price]) => price)).toEqual(['0.0014', '0.00139986', '0.00139972']);
    expect(depth.asks.map(([price]) => price)).toEqual(['0.00141', '0.00141008', '0.00141022']);
    expect((await venue.get('/api/v3/ticker/bookTicker?symbol=XRPETH')).body).toMatchObject({
      bidPrice: '0.0014',
      askPrice: '0.00141',
    });
    expect((await venue.get('/api/v3/defaultSymbols')).body).toMatchObject({ data: ['XRPETH'] });
    expect((await venue.get('/api/v1/contract/detail')).body).toMatchObject({ success: true, data: [] });
  });

  it('rejects unknown symbols and missing parameters with the venue’s codes', async () => {
    expect(await venue.get('/api/v3/depth?symbol=NOPE')).toEqual({
      status: 400,
      body: { code: 10007, msg: 'bad symbol' },
    });
    expect(await venue.get('/api/v3/depth')).toMatchObject({ status: 400, body: { code: 700004 } });
    expect(await venue.get('/api/v3/exchangeInfo?symbol=NOPE')).toMatchObject({ status: 400, body: { code: 10007 } });
    expect(await venue.get('/api/v3/nothing')).toMatchObject({ status: 404 });
  });
});

describe('signed REST', () => {
  it.each([
    ['a missing timestamp', { timestamp: '' }, 700004],
    ['an old timestamp', { timestamp: String(Date.now() - 60_000) }, 700003],
    ['a future timestamp', { timestamp: String(Date.now() + 60_000) }, 700003],
    ['a too long window', { recvWindow: '60001' }, 700005],
  ])('rejects %s', async (_title, parameters, code) => {
    expect(await venue.signed('GET', '/api/v3/account', parameters)).toMatchObject({ status: 400, body: { code } });
  });

  it('rejects a wrong signature, a missing signature, and an unknown key', async () => {
    const url = `${venue.restUrl}/api/v3/account?timestamp=${Date.now()}`;
    const codeOf = async (address: string, key: string): Promise<unknown> => {
      const response = await fetch(address, { headers: { 'X-MEXC-APIKEY': key } });
      return [response.status, ((await response.json()) as { code: number }).code];
    };
    expect(await codeOf(`${url}&signature=${'0'.repeat(64)}`, venue.apiKey)).toEqual([400, 700002]);
    expect(await codeOf(`${url}&signature=zz`, venue.apiKey)).toEqual([400, 700002]);
    expect(await codeOf(url, venue.apiKey)).toEqual([400, 700004]);
    expect(await codeOf(`${url}&signature=${'0'.repeat(64)}`, 'other')).toEqual([400, 10072]);
  });

  it('places, returns and cancels an order, by either ID', async () => {
    const placed = await place({ newClientOrderId: 'life1' });
    expect(placed).toEqual({
      symbol: 'XRPETH',
      orderId: placed['orderId'],
      orderListId: -1,
      price: '0.001',
      origQty: '100',
      type: 'LIMIT',
      side: 'BUY',
      transactTime: expect.any(Number),
    });
    const byClient = await query({ origClientOrderId: 'life1' });
    expect(byClient).toMatchObject({
      status: 'NEW',
      clientOrderId: 'life1',
      executedQty: '0',
      orderId: placed['orderId'],
    });
    expect(await query({ orderId: String(placed['orderId']) })).toEqual(byClient);
    expect((await venue.signed('GET', '/api/v3/openOrders', { symbol: 'XRPETH' })).body).toEqual([byClient]);
    expect((await venue.signed('GET', '/api/v3/account')).body).toMatchObject({
      balances: expect.arrayContaining([{ asset: 'ETH', free: '9.89995', locked: '0.10005', available: '9.89995' }]),
    });
    const cancel = { symbol: 'XRPETH', origClientOrderId: 'life1' };
    expect((await venue.signed('DELETE', '/api/v3/order', cancel)).body).toMatchObject({
      status: 'CANCELED',
      origClientOrderId: 'life1',
    });
    expect(await venue.signed('DELETE', '/api/v3/order', cancel)).toMatchObject({ status: 400, body: { code: -2011 } });
    expect(await query({ origClientOrderId: 'life1' })).toMatchObject({ status: 'CANCELED' });
  });

  it('fills an order that crosses the book, and lists its trades with the fee in quote', async () => {
    const placed = await place({
      type: 'IMMEDIATE_OR_CANCEL',
      price: '0.00141',
      quantity: '10',
      newClientOrderId: 'take1',
    });
    expect(await query({ origClientOrderId: 'take1' })).toMatchObject({
      status: 'FILLED',
      executedQty: '10',
      cummulativeQuoteQty: '0.0141',
    });
    const { body } = await venue.signed('GET', '/api/v3/myTrades', {
      symbol: 'XRPETH',
      orderId: String(placed['orderId']),
    });
    expect(body).toMatchObject([
      {
        price: '0.00141',
        qty: '10',
        quoteQty: '0.0141',
        commission: '0.00000705',
        commissionAsset: 'ETH',
        isBuyer: true,
        isMaker: false,
        clientOrderId: 'take1',
      },
    ]);
    expect((await venue.get('/api/v3/trades?symbol=XRPETH&limit=1')).body).toMatchObject([
      { id: null, qty: '10', isBuyerMaker: false },
    ]);
  });

  it('cancels all open orders of a pair', async () => {
    await place({ newClientOrderId: 'all1' });
    await place({ newClientOrderId: 'all2', price: '0.0011' });
    expect((await venue.signed('DELETE', '/api/v3/openOrders', { symbol: 'XRPETH' })).body).toMatchObject([
      { origClientOrderId: 'all1', status: 'CANCELED' },
      { origClientOrderId: 'all2', status: 'CANCELED' },
    ]);
    expect((await venue.signed('GET', '/api/v3/openOrders', { symbol: 'XRPETH' })).body).toEqual([]);
    expect(await venue.signed('DELETE', '/api/v3/openOrders')).toMatchObject({ status: 400, body: { code: 700004 } });
  });

  it('checks an order without placing it', async () => {
    expect(await venue.signed('POST', '/api/v3/order/test', ORDER)).toEqual({ status: 200, body: {} });
    expect(await venue.signed('POST', '/api/v3/order/test', { ...ORDER, quantity: '1' })).toMatchObject({
      status: 400,
      body: { code: 30002 },
    });
    expect((await venue.signed('GET', '/api/v3/openOrders', { symbol: 'XRPETH' })).body).toEqual([]);
  });

  it.each([
    [30004, { quantity: '10000' }],
    [30005, { side: 'SELL', quantity: '30000' }],
    [700008, { newClientOrderId: 'no spaces' }],
    [30041, { type: 'STOP' }],
    [700004, { quantity: 'many' }],
    [-2013, undefined],
  ])('answers 400 with %i', async (code, over) => {
    const reply =
      over === undefined
        ? await venue.signed('GET', '/api/v3/order', { symbol: 'XRPETH', orderId: 'C02__1' })
        : await venue.signed('POST', '/api/v3/order', { ...ORDER, ...over });
    expect(reply).toMatchObject({ status: 400, body: { code, msg: expect.any(String) } });
  });

  it('returns fees, symbols and assets of the account', async () => {
    expect((await venue.signed('GET', '/api/v3/tradeFee', { symbol: 'XRPETH' })).body).toMatchObject({
      data: { makerCommission: 0, takerCommission: 0.0005 },
    });
    expect((await venue.signed('GET', '/api/v3/selfSymbols')).body).toMatchObject({ data: ['XRPETH'] });
    expect((await venue.signed('GET', '/api/v3/capital/config/getall')).body).toMatchObject([
      { coin: 'XRP' },
      { coin: 'ETH' },
    ]);
    expect((await venue.signed('GET', '/api/v3/allOrders', { symbol: 'XRPETH', limit: '1' })).body).toHaveLength(1);
  });
});

describe('a venue that is killed', () => {
  it('restores its orders, balances, fills and IDs, even from a torn journal', async () => {
    const resting = await place({ newClientOrderId: 'rest1' });
    const before = (await venue.get('/simulator/accounts')).body;
    const log = (await venue.get('/simulator/log?after=0&limit=1000')).body as { entries: unknown[]; last: number };
    await venue.kill();
    appendFileSync(venue.journalFile, '[{"seq":99999,"kind":"pla');
    await venue.restart();
    expect((await venue.get('/simulator/accounts')).body).toEqual(before);
    expect((await venue.get('/simulator/log?after=0&limit=1000')).body).toEqual(log);
    expect(await query({ origClientOrderId: 'rest1' })).toMatchObject({ orderId: resting['orderId'], status: 'NEW' });
    const next = await place({ newClientOrderId: 'rest2' });
    expect(String(next['orderId']) > String(resting['orderId'])).toBe(true);
    const depth = (await venue.get('/api/v3/depth?symbol=XRPETH&limit=100')).body as { bids: string[][] };
    expect(depth.bids).toContainEqual(['0.001', '200']);
    for (const origClientOrderId of ['rest1', 'rest2'])
      expect(await venue.signed('DELETE', '/api/v3/order', { symbol: 'XRPETH', origClientOrderId })).toMatchObject({
        status: 200,
      });
  });
});

describe('the judge’s log', () => {
  it('returns every entry once, in order and in pages, with the request’s terms and times', async () => {
    await place({ newClientOrderId: 'judged', recvWindow: '1500' });
    await venue.signed('DELETE', '/api/v3/order', { symbol: 'XRPETH', origClientOrderId: 'judged' });
    const { entries, last } = (await venue.get('/simulator/log?after=0&limit=1000')).body as {
      entries: Record<string, unknown>[];
      last: number;
    };
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    expect(entries[0]).toMatchObject({ kind: 'opened', balances: { paper: { ETH: '10', XRP: '20000' } } });
    const [cancelled, placed] = [entries.at(-1), entries.at(-2)];
    expect(placed).toMatchObject({ kind: 'placed', clientOrderId: 'judged', symbol: 'XRP/ETH', recvWindowMs: 1500 });
    expect(placed?.['requestTime']).toBeLessThanOrEqual(placed?.['receivedAt'] as number);
    expect(cancelled).toMatchObject({ kind: 'cancelled', cause: 'request', orderId: placed?.['orderId'] });
    expect((await venue.get(`/simulator/log?after=${last - 1}&limit=5`)).body).toMatchObject({
      entries: [{ seq: last }],
    });
    expect(await venue.get('/simulator/log?limit=0')).toMatchObject({ status: 400 });
  });

  it('is served next to the status and metrics of the process', async () => {
    expect((await venue.get('/statusz')).body).toMatchObject({
      service: 'exchange-simulator',
      ready: true,
      figures: { openOrders: 0 },
    });
    expect(await (await fetch(`${venue.restUrl}/metrics`)).text()).toContain(
      'tradingstack_exchange_simulator_events_total',
    );
  });
});
