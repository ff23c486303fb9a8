import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { until } from '../../../../test/harness/until.ts';
import type { MarketDataVenue, VenueFrame } from '../market-data-venue.ts';
import { dealsChannel, depthChannel } from './channels.ts';
import { createMexcMarketData } from './market-data.ts';
import { encodePush } from './stream/protobuf.ts';

let server: Server;
let sockets: WebSocketServer;
let venue: MarketDataVenue;
const clients: WebSocket[] = [];
const received: unknown[] = [];

beforeEach(async () => {
  clients.length = 0;
  received.length = 0;
  server = createServer((_request, response) => response.end('{"lastUpdateId":7,"bids":[],"asks":[]}'));
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

test('requests over REST at the address of its settings', async () => {
  expect((await venue.depth('XRP/ETH', new AbortController().signal)).version).toBe(7n);
});
