import { createHmac } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answering, startMisbehavingVenue, type MisbehavingVenue } from '../../../../test/faults/misbehaving-venue.ts';
import { until } from '../../../../test/harness/until.ts';
import { parseDecimal } from '../../domain/decimal.ts';
import type { OrderRequest } from '../../domain/orders/order.ts';
import { systemClock } from '../../runtime/clock.ts';
import { createLogger } from '../../runtime/logger.ts';
import type { PlaceTerms } from '../trading-venue.ts';
import { createMexcClient, type MexcClient, type MexcClientOptions } from './trading-client.ts';

const STAMP = 1_700_000_000_123;
const NOW = STAMP + 7;
const order: OrderRequest = {
  clientOrderId: 'abc234',
  symbol: 'XRP/ETH',
  side: 'buy',
  type: 'IMMEDIATE_OR_CANCEL',
  price: parseDecimal('0.0000001'),
  quantity: parseDecimal('12345678901234567.25'),
};
const terms: PlaceTerms = { timestampMs: STAMP, recvWindowMs: 900, refusal: () => undefined };
const stored = {
  symbol: 'XRPETH',
  orderId: 'V1',
  clientOrderId: 'abc234',
  price: '0.0014',
  origQty: '10',
  executedQty: '4',
  status: 'PARTIALLY_CANCELED',
  type: 'IMMEDIATE_OR_CANCEL',
  side: 'BUY',
  time: 1_700_000_000_001,
};

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function clientOf(restUrl: string, change: Partial<MexcClientOptions> = {}): MexcClient {
  const client = createMexcClient({
    restUrl,
    apiKey: 'key',
    secretKey: 'secret',
    symbols: ['XRP/ETH'],
    recvWindowMs: 1_500,
    deadlineMs: 300,
    clock: { ...systemClock, nowMs: () => NOW },
    log: createLogger({ name: 'test', level: 'silent' }),
    ...change,
  });
  open.push(async () => {
    client.close();
    return await Promise.resolve();
  });
  return client;
}

async function start(
  behaviour: RequestListener,
): Promise<{ client: MexcClient; venue: MisbehavingVenue; paths: () => (string | undefined)[] }> {
  const venue = await startMisbehavingVenue(behaviour);
  const client = clientOf(venue.restUrl);
  open.push(async () => await venue.close());
  return { client, venue, paths: () => venue.seen.map(({ method, url }) => `${method} ${url?.split('?')[0]}`) };
}

function signedOf(venue: MisbehavingVenue): { params: Record<string, string>; payload: string; signature: string } {
  const query = (venue.seen[0]?.url ?? '').split('?')[1] ?? '';
  const [payload = '', signature = ''] = query.split('&signature=');
  return { params: Object.fromEntries(new URLSearchParams(payload)), payload, signature };
}

const TRADE = {
  symbol: 'XRPETH',
  id: 'T',
  orderId: 'V1',
  price: '1',
  qty: '2',
  commission: '0.1',
  commissionAsset: 'MX',
  time: 5,
  isBuyer: false,
  isMaker: true,
  clientOrderId: null,
};

describe('placing an order', () => {
  it('signs exact amounts with the commit time and the window of the terms', async () => {
    const { client, venue, paths } = await start(answering(200, { symbol: 'XRPETH', orderId: 'V1', orderListId: -1 }));
    expect(await client.place(order, terms)).toEqual({ kind: 'ok', value: { venueOrderId: 'V1' } });
    expect(paths()).toEqual(['POST /api/v3/order']);
    const { params, payload, signature } = signedOf(venue);
    expect(params).toEqual({
      symbol: 'XRPETH',
      side: 'BUY',
      type: 'IMMEDIATE_OR_CANCEL',
      price: '0.0000001',
      quantity: '12345678901234567.25',
      newClientOrderId: 'abc234',
      timestamp: String(STAMP),
      recvWindow: '900',
    });
    expect(signature).toBe(createHmac('sha256', 'secret').update(payload).digest('hex'));
    expect(venue.seen[0]?.headers['x-mexc-apikey']).toBe('key');
  });

  it.each<[string, RequestListener, object]>([
    ['the venue does not answer', () => {}, { kind: 'unknown', reason: 'timeout' }],
    [
      'the venue reads the whole request and does not answer',
      (request) => {
        request.resume();
      },
      { kind: 'unknown', reason: 'timeout' },
    ],
    [
      'the connection is reset',
      (request) => {
        request.socket.resetAndDestroy();
      },
      { kind: 'unknown', reason: 'ECONNRESET' },
    ],
    [
      'the connection is closed',
      (request) => {
        request.socket.end();
      },
      { kind: 'unknown', reason: 'ECONNRESET' },
    ],
    [
      'the answer is truncated',
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"orderId":');
        setTimeout(() => request.socket.destroy(), 20);
      },
      { kind: 'unknown', reason: 'ECONNRESET' },
    ],
    [
      'the answer never ends',
      (_request, response) => {
        response.writeHead(200).write('{"orderId":"V1"');
      },
      { kind: 'unknown', reason: 'timeout' },
    ],
    ['the venue fails', answering(500, { code: 500, msg: 'x' }), { kind: 'unknown', reason: 'HTTP 500' }],
    ['a gateway times out', answering(504, '<html>'), { kind: 'unknown', reason: 'HTTP 504' }],
    ['the venue redirects', answering(302, '', { location: '/x' }), { kind: 'unknown', reason: 'HTTP 302' }],
    ['the answer is garbage', answering(200, '<html>'), { kind: 'unknown', reason: 'the answer is not JSON' }],
    ['the answer has no ID', answering(200, { symbol: 'XRPETH' }), { kind: 'unknown' }],
    [
      'the venue rejects the order',
      answering(400, { code: 30005, msg: 'Oversold' }),
      { kind: 'rejected', code: '30005', message: 'Oversold' },
    ],
    [
      'the account is rate limited',
      answering(429, 'slow', { 'retry-after': '3' }),
      { kind: 'rateLimited', retryAfterMs: 3_000 },
    ],
    [
      'the account is banned',
      answering(418, '', { 'retry-after': '120' }),
      { kind: 'rateLimited', retryAfterMs: 120_000, banned: true },
    ],
  ])('sends exactly one request when %s', async (_title, behaviour, outcome) => {
    const { client, paths } = await start(behaviour);
    expect(await client.place(order, terms)).toMatchObject(outcome);
    // Long enough for a retry to arrive.
    await systemClock.sleep(50);
    expect(paths()).toEqual(['POST /api/v3/order']);
  });

  it('keeps timestamps and windows of concurrent requests apart', async () => {
    const { client, venue } = await start((request, response) =>
      answering(200, request.method === 'POST' ? { orderId: 'V' } : { balances: [] })(request, response),
    );
    await Promise.all([
      client.place(order, terms),
      client.balances(),
      client.place(order, { ...terms, timestampMs: 5, recvWindowMs: 2_000 }),
    ]);
    const stamps = venue.seen.map(({ url }) => /timestamp=(\d+)&recvWindow=(\d+)/.exec(url ?? '')?.slice(1));
    expect(stamps).toHaveLength(3);
    expect(stamps).toEqual(
      expect.arrayContaining([
        [String(STAMP), '900'],
        [String(NOW), '1500'],
        ['5', '2000'],
      ]),
    );
  });

  it.each([0, 2_001, 1.5])('rejects a window of %d ms', async (recvWindowMs) => {
    const { client, venue } = await start(answering(200, {}));
    await expect(client.place(order, { ...terms, recvWindowMs })).rejects.toThrow(RangeError);
    expect(() => clientOf(venue.restUrl, { recvWindowMs })).toThrow(RangeError);
    expect(venue.seen).toEqual([]);
  });
});

describe('permit', () => {
  it('is checked once the connection is established, and blocks every byte when refused', async () => {
    const { client, venue } = await start(answering(200, {}));
    const reply = await client.place(order, { ...terms, refusal: () => 'PermitExpired' });
    expect(reply).toEqual({ kind: 'notSent', reason: 'PermitExpired' });
    await systemClock.sleep(50);
    expect(venue.seen).toEqual([]);
    expect(venue.bytes()).toBe(0);
  });

  it('is checked again on a kept-alive connection', async () => {
    const { client, venue } = await start(answering(200, { orderId: 'V1' }));
    let checks = 0;
    const refusal = (): string | undefined => ((checks += 1) > 1 ? 'Fenced' : undefined);
    expect(await client.place(order, { ...terms, refusal })).toMatchObject({ kind: 'ok' });
    expect(await client.place(order, { ...terms, refusal })).toEqual({ kind: 'notSent', reason: 'Fenced' });
    expect(venue.seen).toHaveLength(1);
    expect(checks).toBe(2);
  });

  it('is checked last: the bytes are handed over before any other code can run', async () => {
    const { client } = await start(answering(200, { orderId: 'V1' }));
    const events: string[] = [];
    const onStart = (message: unknown): void => {
      const { request } = message as { readonly request: ClientRequest };
      events.push('start');
      queueMicrotask(() => events.push(`microtask with ${request.socket?.bytesWritten === 0 ? 'nothing' : 'bytes'}`));
    };
    subscribe('http.client.request.start', onStart);
    const refusal = (): undefined => {
      events.push('permit');
      queueMicrotask(() => events.push('microtask'));
    };
    await client.place(order, { ...terms, refusal });
    unsubscribe('http.client.request.start', onStart);
    expect(events).toEqual(['permit', 'start', 'microtask', 'microtask with bytes']);
  });

  it('is refused when its check throws', async () => {
    const { client, venue } = await start(answering(200, {}));
    const refusal = (): string | undefined => {
      throw new Error('no clock');
    };
    expect(await client.place(order, { ...terms, refusal })).toMatchObject({ kind: 'notSent' });
    expect(venue.seen).toEqual([]);
  });
});

describe('a request that was not sent', () => {
  it.each([
    ['the port is closed', 'http://127.0.0.1:1', 'ECONNREFUSED'],
    ['the name is unknown', 'http://venue.invalid', 'ENOTFOUND'],
  ])('is reported as notSent when %s', async (_title, restUrl, reason) => {
    const reply = await clientOf(restUrl, { deadlineMs: 5_000 }).place(order, terms);
    expect(reply.kind).toBe('notSent');
    if (reply.kind === 'notSent') expect([reason, 'EAI_AGAIN']).toContain(reply.reason);
  });

  it('is reported as notSent when the TLS handshake never completes', async () => {
    let checks = 0;
    const server = createServer(() => {});
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const refusal = (): undefined => {
      checks += 1;
    };
    const reply = await clientOf(`https://127.0.0.1:${port}`).place(order, { ...terms, refusal });
    server.close();
    expect(reply).toEqual({ kind: 'notSent', reason: 'timeout' });
    expect(checks).toBe(0);
  });

  it('is reported as notSent when the key is not a valid header value', async () => {
    const { venue } = await start(answering(200, {}));
    const client = clientOf(venue.restUrl, { apiKey: 'two\nlines' });
    expect(await client.place(order, terms)).toEqual({ kind: 'notSent', reason: 'ERR_INVALID_CHAR' });
  });
});

describe('queries', () => {
  it('reads an order that was cancelled with fills as Cancelled', async () => {
    const { client, paths, venue } = await start(answering(200, stored));
    expect(await client.order('XRP/ETH', 'abc234')).toEqual({
      kind: 'ok',
      value: {
        venueOrderId: 'V1',
        clientOrderId: 'abc234',
        symbol: 'XRP/ETH',
        side: 'buy',
        price: parseDecimal('0.0014'),
        quantity: parseDecimal('10'),
        executed: parseDecimal('4'),
        status: 'Cancelled',
        resting: false,
        createdAt: 1_700_000_000_001,
      },
    });
    expect(paths()).toEqual(['GET /api/v3/order']);
    expect(signedOf(venue).params).toMatchObject({ symbol: 'XRPETH', origClientOrderId: 'abc234', recvWindow: '1500' });
  });

  it.each<[string, unknown]>([
    ['a symbol that was not requested', { ...stored, symbol: 'BTCUSDT' }],
    ['an unknown status', { ...stored, status: 'EXPIRED' }],
    ['an amount as a JSON number', { ...stored, executedQty: 4 }],
    ['an amount of more than 18 decimals', { ...stored, price: '1e-19' }],
    ['a list instead of an order', [stored]],
  ])('treats %s as an unreadable answer', async (_title, body) => {
    const { client } = await start(answering(200, body));
    expect(await client.order('XRP/ETH', 'abc234')).toMatchObject({ kind: 'unknown' });
  });

  it('reads an amount with an exponent', async () => {
    const { client } = await start(answering(200, { ...stored, price: '1e-7' }));
    expect(await client.order('XRP/ETH', 'abc234')).toMatchObject({ value: { price: parseDecimal('0.0000001') } });
  });

  it('reads an order on a symbol that is no longer traded', async () => {
    const { client } = await start(answering(200, { ...stored, symbol: 'BTCUSDT' }));
    expect(await client.order('BTC/USDT', 'abc234')).toMatchObject({ kind: 'ok', value: { symbol: 'BTC/USDT' } });
  });

  it.each([-2013, -2011])('distinguishes "no such order" (%i) from a rejection', async (code) => {
    const { client } = await start(answering(400, { code, msg: 'no' }));
    expect(await client.order('XRP/ETH', 'x')).toEqual({ kind: 'notFound' });
    expect(await client.cancel('XRP/ETH', 'x')).toEqual({ kind: 'notFound' });
  });

  it('cancels by client order ID', async () => {
    const { client, paths, venue } = await start(answering(200, stored));
    expect(await client.cancel('XRP/ETH', 'abc234')).toEqual({ kind: 'ok', value: undefined });
    expect(paths()).toEqual(['DELETE /api/v3/order']);
    expect(signedOf(venue).params).toMatchObject({ origClientOrderId: 'abc234' });
  });

  it('reads free and locked balances separately', async () => {
    const { client } = await start(answering(200, { balances: [{ asset: 'ETH', free: '1.5', locked: '0.25' }] }));
    expect(await client.balances()).toEqual({
      kind: 'ok',
      value: new Map([['ETH', { free: parseDecimal('1.5'), locked: parseDecimal('0.25') }]]),
    });
  });

  it('reads fills without a client order ID', async () => {
    const { client, venue } = await start(answering(200, [TRADE]));
    expect(await client.fills('XRP/ETH', { fromMs: 3, toMs: 9 })).toMatchObject({
      kind: 'ok',
      value: {
        fills: [
          { venueTradeId: 'T', venueOrderId: 'V1', clientOrderId: '', side: 'sell', maker: true, feeAsset: 'MX' },
        ],
        complete: true,
      },
    });
    expect(signedOf(venue).params).toMatchObject({ symbol: 'XRPETH', startTime: '2', endTime: '10', limit: '100' });
  });

  it('sends one request for a page of fills, and reports a full one as such', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `T${index}`);
    const trades = ids.map((id, index) => ({ ...TRADE, id, time: NOW - index }));
    const { client, paths } = await start(answering(200, trades));
    const reply = await client.fills('XRP/ETH', { fromMs: NOW - 1_000_000 });
    expect(reply).toMatchObject({ kind: 'ok', value: { complete: false } });
    expect(reply.kind === 'ok' && reply.value.fills.map(({ venueTradeId }) => venueTradeId)).toEqual(ids.toReversed());
    expect(paths()).toHaveLength(1);
  });

  it("measures the venue's clock against ours with an unsigned request", async () => {
    const { client, venue } = await start(answering(200, { serverTime: NOW + 250 }));
    expect(await client.clockSkewMs()).toEqual({ kind: 'ok', value: 250 });
    expect(venue.seen[0]?.url).toBe('/api/v3/time');
  });

  it('leaves the retry after a lost connection to the caller', async () => {
    let first = true;
    const { client, paths } = await start((request, response) => {
      if (first) request.socket.destroy();
      else answering(200, [])(request, response);
      first = false;
    });
    expect(await client.openOrders('XRP/ETH')).toMatchObject({ kind: 'unknown' });
    expect(await until(async () => await client.openOrders('XRP/ETH'))).toEqual({ kind: 'ok', value: [] });
    expect(paths()).toHaveLength(2);
  });
});
