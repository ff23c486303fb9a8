import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseDecimal } from '../../../domain/decimal.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { createMexcPublicRest, type MexcPublicRest } from './public-rest.ts';

const { signal } = new AbortController();
let server: Server;
let rest: MexcPublicRest;
let reply: { status: number; body: string; headers?: Record<string, string> };
const urls: string[] = [];

beforeEach(async () => {
  urls.length = 0;
  server = createServer((request, response) => {
    urls.push(request.url ?? '');
    response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  rest = createMexcPublicRest(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
});

test("requests a snapshot by the venue's symbol", async () => {
  reply = { status: 200, body: '{"lastUpdateId":7,"bids":[["0.5","3"]],"asks":[]}' };
  expect((await rest.depth('XRP/ETH', signal)).version).toBe(7n);
  expect(urls).toEqual(['/api/v3/depth?symbol=XRPETH&limit=1000']);
});

test('requests the version of the book by a small snapshot', async () => {
  reply = { status: 200, body: '{"lastUpdateId":"8","bids":[],"asks":[]}' };
  expect(await rest.bookVersion('XRP/ETH', signal)).toBe(8n);
  expect(urls).toEqual(['/api/v3/depth?symbol=XRPETH&limit=5']);
});

test('requests the newest trades, and returns them oldest first with the side of the taker', async () => {
  const rows = [
    { id: null, price: '3.50', qty: '1', quoteQty: '3.5', time: 7, isBuyerMaker: true, isBestMatch: true },
    { id: null, price: '3', qty: '2', quoteQty: '6', time: 7, isBuyerMaker: false, isBestMatch: true },
    { id: null, price: '2', qty: '1', quoteQty: '2', time: 5, isBuyerMaker: false, isBestMatch: true },
  ];
  reply = { status: 200, body: JSON.stringify(rows) };
  const { trades, isFull } = await rest.trades('XRP/ETH', signal);
  expect(urls).toEqual(['/api/v3/trades?symbol=XRPETH&limit=1000']);
  expect(trades).toEqual([
    { price: parseDecimal('2'), quantity: parseDecimal('1'), takerSide: 'buy', time: 5 },
    { price: parseDecimal('3'), quantity: parseDecimal('2'), takerSide: 'buy', time: 7 },
    { price: parseDecimal('3.5'), quantity: parseDecimal('1'), takerSide: 'sell', time: 7 },
  ]);
  expect(isFull).toBe(false);
  reply = { status: 200, body: JSON.stringify(Array.from({ length: 1_000 }, () => rows[0])) };
  expect((await rest.trades('XRP/ETH', signal)).isFull).toBe(true);
});

test.each([
  [429, '7', 7_000],
  [418, '120', 120_000],
  [429, undefined, 1_000],
  [429, 'soon', 1_000],
  [503, '7', undefined],
])('says how long a %i with Retry-After %s pauses requests', async (status, retryAfter, retryAfterMs) => {
  reply = { status, body: '{}', ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }) };
  const failure = await rest.bookVersion('XRP/ETH', signal).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'BadStatus', retryAfterMs });
});

test.each([
  ['[{"price":"0","qty":"1","time":1,"isBuyerMaker":true}]'],
  ['[{"price":"1","qty":"1","time":0,"isBuyerMaker":true}]'],
  ['[{"price":"1","qty":"1","time":1}]'],
  ['{"code":-1121}'],
])('refuses the list of trades %s', async (body) => {
  reply = { status: 200, body };
  await expect(rest.trades('XRP/ETH', signal)).rejects.toMatchObject({ code: 'BadReply' });
});

test.each([
  [500, '{}', 'BadStatus'],
  [200, '<html>', 'BadReply'],
  [200, '{"code":-1121}', 'BadReply'],
])('reports %i %s as %s', async (status, body, code) => {
  reply = { status, body };
  const failure = await rest.listings(signal).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(VenueReplyError);
  expect(failure).toMatchObject({ code });
});

test('rejects immediately when the caller aborts', async () => {
  reply = { status: 200, body: '{}' };
  await expect(rest.depth('XRP/ETH', AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
});
