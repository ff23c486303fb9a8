import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { until } from '../../../../test/harness/until.ts';
import { parseDecimal } from '../../domain/decimal.ts';
import type { MarketDataVenue, VenueFrame } from '../market-data-venue.ts';
import { dealsChannel, depthChannel } from './channels.ts';
import { VenueReplyError } from '../venue-reply-error.ts';
import { createMexcMarketData } from './market-data.ts';
import { encodePush } from './stream/protobuf.ts';

let server: Server;
let sockets: WebSocketServer;
let venue: MarketDataVenue;
let reply: { status: number; body: string; headers?: Record<string, string> };
const urls: string[] = [];
const clients: WebSocket[] = [];
const received: unknown[] = [];

beforeEach(async () => {
  urls.length = 0;
  clients.length = 0;
  received.length = 0;
  server = createServer((request, response) => {
    urls.push(request.url ?? '');
    response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  sockets = new WebSocketServer({ server, path: '/ws' });
  sockets.on('connection', (socket) => {
    clients.push(socket);
    socket.on('message', (data: Buffer) => received.push(JSON.parse(data.toString('utf8'))));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const address = `127.0.0.1:${port}`;
  venue = createMexcMarketData({ restUrl: `http://${address}/`, wsUrl: `ws://${address}/ws`, symbols: ['XRP/ETH'] });
});

afterEach(async () => {
  for (const client of clients) client.terminate();
  sockets.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
});

describe('public streams', () => {
  test("subscribes by the venue's names, pings in JSON, and parses frames", async () => {
    const frames: VenueFrame[] = [];
    const ends: string[] = [];
    let opened = 0;
    const connection = venue.connect({
      onOpen: () => (opened += 1),
      onFrame: (frame) => frames.push(frame),
      onClosed: (reason) => ends.push(reason),
    });
    // Not open yet: this neither sends nor fails.
    connection.ping();
    await until(() => opened === 1);
    connection.subscribe([{ channel: 'trades', symbol: 'XRP/ETH' }, { channel: 'depth', symbol: 'XRP/ETH' }]); // prettier-ignore
    connection.unsubscribe([{ channel: 'depth', symbol: 'XRP/ETH' }]);
    connection.ping();
    await until(() => received.length === 3);
    expect(received).toEqual([
      { method: 'SUBSCRIPTION', params: [dealsChannel('XRPETH', '100ms'), depthChannel('XRPETH', '100ms')] },
      { method: 'UNSUBSCRIPTION', params: [depthChannel('XRPETH', '100ms')] },
      { method: 'PING' },
    ]);
    const deals = {
      kind: 'deals',
      eventType: '',
      deals: [{ price: '1', quantity: '2', tradeType: 2, time: 5 }],
    } as const;
    clients[0]?.send(encodePush({ channel: 'x', symbol: 'XRPETH', createTime: 1, sendTime: 2, body: deals }));
    clients[0]?.send('{"id":0,"code":0,"msg":"PONG"}');
    clients[0]?.send(new Uint8Array([0xff]));
    await until(() => frames.length === 3);
    expect(frames.map(({ kind }) => kind)).toEqual(['Trades', 'Pong', 'Malformed']);
    clients[0]?.close(1001, 'maintenance');
    await until(() => ends.length === 1);
    expect(ends).toEqual(['code 1001 maintenance']);
  });

  test('reports a failed connection as closed, once', async () => {
    const ends: string[] = [];
    const unreachable = createMexcMarketData({
      restUrl: 'http://127.0.0.1:9',
      wsUrl: 'ws://127.0.0.1:9/ws',
      symbols: [],
    });
    unreachable.connect({
      onOpen: () => ends.push('open'),
      onFrame: () => {},
      onClosed: (reason) => ends.push(reason),
    });
    await until(() => ends.length > 0);
    expect(ends).toEqual([expect.stringMatching(/ECONNREFUSED|bad port/i)]);
  });

  test('closes a connection immediately, even before it opened', async () => {
    const ends: string[] = [];
    const connection = venue.connect({ onOpen: () => {}, onFrame: () => {}, onClosed: (reason) => ends.push(reason) });
    connection.close();
    await until(() => ends.length === 1);
    expect(ends.length).toBe(1);
  });
});

describe('public REST', () => {
  const { signal } = new AbortController();

  test("requests a snapshot by the venue's symbol", async () => {
    reply = { status: 200, body: '{"lastUpdateId":7,"bids":[["0.5","3"]],"asks":[]}' };
    expect((await venue.depth('XRP/ETH', signal)).version).toBe(7n);
    expect(urls).toEqual(['/api/v3/depth?symbol=XRPETH&limit=1000']);
  });

  test('requests the version of the book by a small snapshot', async () => {
    reply = { status: 200, body: '{"lastUpdateId":"8","bids":[],"asks":[]}' };
    expect(await venue.bookVersion('XRP/ETH', signal)).toBe(8n);
    expect(urls).toEqual(['/api/v3/depth?symbol=XRPETH&limit=5']);
  });

  test('requests the newest trades, and returns them oldest first with the side of the taker', async () => {
    const rows = [
      { id: null, price: '3.50', qty: '1', quoteQty: '3.5', time: 7, isBuyerMaker: true, isBestMatch: true },
      { id: null, price: '3', qty: '2', quoteQty: '6', time: 7, isBuyerMaker: false, isBestMatch: true },
      { id: null, price: '2', qty: '1', quoteQty: '2', time: 5, isBuyerMaker: false, isBestMatch: true },
    ];
    reply = { status: 200, body: JSON.stringify(rows) };
    const { trades, isFull } = await venue.trades('XRP/ETH', signal);
    expect(urls).toEqual(['/api/v3/trades?symbol=XRPETH&limit=1000']);
    expect(trades).toEqual([
      { price: parseDecimal('2'), quantity: parseDecimal('1'), takerSide: 'buy', time: 5 },
      { price: parseDecimal('3'), quantity: parseDecimal('2'), takerSide: 'buy', time: 7 },
      { price: parseDecimal('3.5'), quantity: parseDecimal('1'), takerSide: 'sell', time: 7 },
    ]);
    expect(isFull).toBe(false);
    reply = { status: 200, body: JSON.stringify(Array.from({ length: 1_000 }, () => rows[0])) };
    expect((await venue.trades('XRP/ETH', signal)).isFull).toBe(true);
  });

  test.each([
    [429, '7', 7_000],
    [418, '120', 120_000],
    [429, undefined, 1_000],
    [429, 'soon', 1_000],
    [503, '7', undefined],
  ])('says how long a %i with Retry-After %s pauses requests', async (status, retryAfter, retryAfterMs) => {
    reply = { status, body: '{}', ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }) };
    const failure = await venue.bookVersion('XRP/ETH', signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'BadStatus', retryAfterMs });
  });

  test.each([
    ['[{"price":"0","qty":"1","time":1,"isBuyerMaker":true}]'],
    ['[{"price":"1","qty":"1","time":0,"isBuyerMaker":true}]'],
    ['[{"price":"1","qty":"1","time":1}]'],
    ['{"code":-1121}'],
  ])('refuses the list of trades %s', async (body) => {
    reply = { status: 200, body };
    await expect(venue.trades('XRP/ETH', signal)).rejects.toMatchObject({ code: 'BadReply' });
  });

  test.each([
    [500, '{}', 'BadStatus'],
    [200, '<html>', 'BadReply'],
    [200, '{"code":-1121}', 'BadReply'],
  ])('reports %i %s as %s', async (status, body, code) => {
    reply = { status, body };
    const failure = await venue.listings(signal).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(VenueReplyError);
    expect(failure).toMatchObject({ code });
  });

  test('rejects immediately when the caller aborts', async () => {
    reply = { status: 200, body: '{}' };
    await expect(venue.depth('XRP/ETH', AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping');
  });
});
