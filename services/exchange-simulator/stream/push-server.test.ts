import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../../../test/harness/until.ts';
import { createPushServer, type PushConnection, type PushServer } from './push-server.ts';

interface Fixture {
  readonly url: string;
  readonly push: PushServer;
  readonly opened: PushConnection[];
  readonly closed: string[];
}

const servers: Server[] = [];
const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
  for (const server of servers.splice(0)) server.close();
});

async function start(maxBufferedBytes: number, maxConnections = 10): Promise<Fixture> {
  const [opened, closed]: [PushConnection[], string[]] = [[], []];
  const push = createPushServer({
    maxBufferedBytes,
    maxConnections,
    onOpen: (connection) => opened.push(connection),
    onText: (connection, text) => connection.send(`echo ${text}`),
    onClose: (_connection, reason) => closed.push(reason),
  });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => push.upgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, push, opened, closed };
}

function dial(url: string): WebSocket {
  const socket = new WebSocket(url);
  sockets.push(socket);
  return socket;
}

describe('createPushServer', () => {
  it('passes on texts and the query, and reports why a client disconnected', async () => {
    const { url, opened, closed, push } = await start(1_000);
    const socket = dial(`${url}/ws?listenKey=abc`);
    await once(socket, 'open');
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.toString()).toBe('echo hello');
    expect(opened[0]?.query.get('listenKey')).toBe('abc');
    expect(push.connections()).toBe(1);
    socket.close(1000);
    await until(() => closed.length === 1);
    expect(closed).toEqual(['closed by the client with 1000']);
  });

  it('disconnects a client that does not read, at the configured buffer size', async () => {
    const { url, opened, closed } = await start(100_000);
    const socket = dial(url);
    await once(socket, 'open');
    socket.pause();
    const frame = new Uint8Array(50_000);
    await until(() => {
      for (let count = 0; count < 20; count += 1) opened[0]?.send(frame);
      return closed.length === 1;
    });
    expect(closed).toEqual(['the client reads too slowly']);
  });

  it('accepts no more clients than configured', async () => {
    const { url } = await start(1_000, 1);
    await once(dial(url), 'open');
    const [error] = (await once(dial(url), 'error')) as [Error];
    expect(error.message).toContain('503');
  });
});
