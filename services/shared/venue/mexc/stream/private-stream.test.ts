import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  privateDeal as deal,
  privateOrder as cancelled,
  pushFrame as frame,
} from '../../../../../test/fixtures/mexc-pushes.ts';
import { until } from '../../../../../test/harness/until.ts';
import { virtualClock, type VirtualClock } from '../../../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../runtime/logger.ts';
import { PRIVATE_ACCOUNT, PRIVATE_DEALS, PRIVATE_ORDERS } from '../channels.ts';
import { createMexcPrivateStream, type MexcPrivateStream, type MexcPrivateStreamOptions } from './private-stream.ts';

const CHANNELS = [PRIVATE_ORDERS, PRIVATE_DEALS, PRIVATE_ACCOUNT];

/** A venue with listen keys and one WebSocket endpoint, controlled by the test. */
class Venue {
  /** `POST`, `PUT key1`, ... */
  readonly requests: string[] = [];
  /** Keys that sockets connected with. */
  readonly keys: string[] = [];
  readonly sockets: WebSocket[] = [];
  readonly texts: string[] = [];
  /** Reply to the next listen key requests, instead of success. */
  refusal: { readonly status: number; readonly body: object; readonly headers?: Record<string, string> } | undefined;
  acknowledge: (socket: WebSocket, channels: readonly string[]) => void = (socket, channels) =>
    socket.send(JSON.stringify({ id: 0, code: 0, msg: channels.join(',') }));
  readonly #http = createServer((request, response) => this.#answer(request, response));
  #keysCreated = 0;

  async listen(): Promise<string> {
    const server = new WebSocketServer({ server: this.#http });
    server.on('connection', (socket, request) => {
      this.sockets.push(socket);
      this.keys.push(new URL(request.url ?? '', 'http://x').searchParams.get('listenKey') ?? '');
      socket.on('message', (data: Buffer) => {
        const text = data.toString();
        this.texts.push(text);
        const { method, params = [] } = JSON.parse(text) as { method: string; params?: string[] };
        if (method === 'SUBSCRIPTION') this.acknowledge(socket, params);
      });
    });
    await new Promise<void>((resolve) => {
      this.#http.listen(0, '127.0.0.1', resolve);
    });
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const key = new URL(request.url ?? '', 'http://x').searchParams.get('listenKey');
    this.requests.push(key === null ? (request.method ?? '') : `${request.method} ${key}`);
    const { status, body, headers } = this.refusal ?? { status: 200, body: { listenKey: key ?? this.#newKey() } };
    response.writeHead(status, headers).end(JSON.stringify(body));
  }

  #newKey(): string {
    this.#keysCreated += 1;
    return `key${this.#keysCreated}`;
  }
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface Started {
  readonly venue: Venue;
  readonly events: string[];
  readonly stream: MexcPrivateStream;
  readonly clock: VirtualClock;
  readonly running: Promise<void>;
  readonly abort: () => void;
}

async function start(
  prepare: (venue: Venue) => void = () => {},
  change: Partial<MexcPrivateStreamOptions> = {},
): Promise<Started> {
  const venue = new Venue();
  prepare(venue);
  const address = await venue.listen();
  const events: string[] = [];
  const clock = virtualClock();
  const stream = createMexcPrivateStream({
    wsUrl: `ws://${address}/ws`,
    restUrl: `http://${address}`,
    apiKey: 'key',
    secretKey: 'secret',
    symbols: ['XRP/ETH'],
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
    onConnected: () => events.push('connected'),
    onDisconnected: (reason) => events.push(`disconnected: ${reason}`),
    onFill: (fill) => events.push(`fill ${fill.venueTradeId} of ${fill.clientOrderId}`),
    onOrder: (report) => events.push(`order ${report.status}`),
    through: async (call) => await call(),
    onForeign: (symbol) => events.push(`foreign ${symbol}`),
    onMalformed: (bytes, reason) => events.push(`malformed ${bytes.length}: ${reason}`),
    ...change,
  });
  const stopping = new AbortController();
  const running = stream.run(stopping.signal);
  const abort = (): void => stopping.abort(new Error('end of test'));
  stops.push(async () => {
    abort();
    await running.catch(() => {});
    await stream.stop?.();
    await venue.close();
  });
  return { venue, events, stream, clock, running, abort };
}

async function connected(started: Started, times = 1): Promise<WebSocket> {
  await until(() => started.events.filter((event) => event === 'connected').length === times);
  const socket = started.venue.sockets.at(-1);
  if (socket === undefined) throw new Error('connected without a socket');
  return socket;
}

/** Renews between two pings. */
const SOON = { timings: { renewMs: 10_000, renewAgainMs: 1_000 } };

/** Of a connection, for its pings and the renewals of its key. Between connections there is one, for the pause. */
const UPKEEP = 2;

/** Passes time once the stream waits for nothing else, such as an answer of the venue. */
async function pass({ clock }: Started, ms: number, sleepers = UPKEEP): Promise<void> {
  await until(() => clock.sleepers() === sleepers);
  await clock.advance(ms);
}

/** Passes the pause before the first attempt to reconnect, and no second one. */
async function passPause(started: Started): Promise<void> {
  await pass(started, 250, 1);
}

/** Passes the pause before the second attempt. */
async function passSecondPause(started: Started): Promise<void> {
  await pass(started, 500, 1);
}

describe('createMexcPrivateStream', () => {
  it('subscribes with a listen key and reports orders and fills in order', async () => {
    const started = await start();
    const { venue, events, stream } = started;
    expect(stream.check()).toMatchObject({ ok: false, reason: 'PrivateStreamDisconnected' });
    const socket = await connected(started);
    expect(stream.check().ok).toBe(true);
    expect(venue.keys).toEqual(['key1']);
    expect(JSON.parse(venue.texts[0] ?? '')).toEqual({ method: 'SUBSCRIPTION', params: CHANNELS });
    socket.send(frame(deal));
    socket.send(frame(cancelled));
    await until(() => events.length === 3);
    expect(events).toEqual(['connected', 'fill T1 of abc', 'order Cancelled']);
  });

  it('is connected only when every channel is acknowledged', async () => {
    const acknowledged: ((channel: string) => void)[] = [];
    const started = await start((venue) => {
      venue.acknowledge = (socket) =>
        acknowledged.push((channel) => socket.send(JSON.stringify({ id: 0, code: 0, msg: channel })));
    });
    const [acknowledge] = await until(() => acknowledged.length === 1 && acknowledged);
    for (const channel of CHANNELS.slice(0, 2)) acknowledge?.(channel);
    started.venue.sockets[0]?.send(frame(deal));
    await until(() => started.events.length === 1);
    expect(started.events).toEqual(['fill T1 of abc']);
    acknowledge?.(PRIVATE_ACCOUNT);
    await connected(started);
    expect(started.stream.check().ok).toBe(true);
  });

  it('reports an unreadable frame and continues', async () => {
    const started = await start();
    const socket = await connected(started);
    socket.send(new Uint8Array([255, 255]));
    socket.send('not JSON');
    socket.send(frame(deal));
    socket.send(frame(deal, 'BTCUSDT'));
    await until(() => started.events.length === 5);
    expect(started.events[1]).toContain('malformed 2: ');
    expect(started.events[2]).toBe('malformed 8: text frame "not JSON"');
    expect(started.events.slice(3)).toEqual(['fill T1 of abc', 'foreign BTCUSDT']);
    expect(started.stream.check().ok).toBe(true);
  });

  it('requests no listen key while the account is rate limited', async () => {
    let limited = true;
    const started = await start(() => {}, {
      through: async (call) => (limited ? { kind: 'rateLimited', retryAfterMs: 1 } : await call()),
    });
    await until(() => started.stream.check().reason === 'ListenKeyRefused');
    await passPause(started);
    expect(started.venue.requests).toEqual([]);
    limited = false;
    await passSecondPause(started);
    await connected(started);
    expect(started.venue.requests).toEqual(['POST']);
  });

  it('reconnects with the same key after the connection breaks', async () => {
    const started = await start();
    (await connected(started)).terminate();
    await until(() => started.events.length >= 2);
    expect(started.stream.check()).toMatchObject({ ok: false, reason: 'PrivateStreamDisconnected' });
    await passPause(started);
    await connected(started, 2);
    expect(started.events[1]).toContain('disconnected: closed by the venue with 1006');
    expect(started.venue.keys).toEqual(['key1', 'key1']);
    expect(started.venue.requests).toEqual(['POST']);
  });

  it.each<[string, Venue['acknowledge'], string]>([
    [
      'rejects the key',
      (socket) => {
        socket.send('Invalid listen key');
        socket.close(1008);
      },
      'closed by the venue with 1008: text frame "Invalid listen key"',
    ],
    [
      'rejects the channels',
      (socket) => socket.send('{"id":0,"code":0,"msg":"Not Subscribed successfully! [x].  Reason： Blocked! "}'),
      'refused: Not Subscribed successfully! [x].  Reason： Blocked! ',
    ],
    ['does not acknowledge', () => {}, 'not subscribed in time'],
  ])('takes a new key when the venue %s', async (_title, refuse, reason) => {
    const started = await start((venue) => {
      const { acknowledge } = venue;
      venue.acknowledge = (socket, channels) =>
        venue.keys.length === 1 ? refuse(socket, channels) : acknowledge(socket, channels);
    });
    await until(() => started.venue.texts.length === 1);
    if (reason === 'not subscribed in time') await pass(started, 15_000);
    await until(() => started.stream.check().message === reason);
    await passPause(started);
    await connected(started);
    expect(started.venue.keys).toEqual(['key1', 'key2']);
    expect(started.venue.requests.slice(0, 3)).toEqual(['POST', 'DELETE key1', 'POST']);
    expect(started.events.filter((event) => event.startsWith('disconnected'))).toEqual([]);
  });

  it.each([
    ['a rejection', { status: 400, body: { code: 700_007, msg: 'No permission' } }, '700007 No permission'],
    ['a failure', { status: 503, body: {} }, 'HTTP 503'],
  ])('reports %s of the listen key request, and retries', async (_title, refusal, cause) => {
    const started = await start((venue) => {
      venue.refusal = refusal;
    });
    await passPause(started);
    await until(() => started.venue.requests.length === 2);
    expect(started.stream.check()).toMatchObject({ ok: false, reason: 'ListenKeyRefused' });
    expect(started.stream.check().message).toContain(cause);
    await until(() => started.clock.sleepers() === 1);
    started.venue.refusal = undefined;
    await passSecondPause(started);
    await connected(started);
    expect(started.stream.check().ok).toBe(true);
  });

  it('waits as long as the venue rate limits it', async () => {
    const started = await start((venue) => {
      venue.refusal = { status: 429, body: {}, headers: { 'retry-after': '60' } };
    });
    await until(() => started.stream.check().reason === 'ListenKeyRefused');
    await pass(started, 59_999, 1);
    expect(started.venue.requests).toEqual(['POST']);
    await pass(started, 1, 1);
    await until(() => started.venue.requests.length === 2);
  });

  it('treats silence as a dead connection although the socket is open', async () => {
    const started = await start();
    await connected(started);
    for (let pings = 1; pings <= 2; pings += 1) {
      await pass(started, 15_000);
      await until(() => started.venue.texts.filter((text) => text === '{"method":"PING"}').length === pings);
    }
    expect(started.events).toEqual(['connected']);
    await pass(started, 15_000);
    await until(() => started.events.includes('disconnected: silent for more than 35000 ms'));
  });

  it('replaces an old connection before the venue closes it', async () => {
    const started = await start(() => {}, { timings: { maxAgeMs: 20_000 } });
    await connected(started);
    await pass(started, 15_000);
    expect(started.events).toEqual(['connected']);
    await pass(started, 15_000);
    await until(() => started.events.includes('disconnected: maximum connection age reached'));
    await passPause(started);
    await connected(started, 2);
    expect(started.venue.keys).toEqual(['key1', 'key1']);
  });

  it('renews its key, and deletes it when stopped', async () => {
    const started = await start(() => {}, SOON);
    await connected(started);
    for (let renewals = 1; renewals <= 2; renewals += 1) {
      await pass(started, 10_000);
      await until(() => started.venue.requests.length === 1 + renewals);
    }
    expect(started.venue.requests).toEqual(['POST', 'PUT key1', 'PUT key1']);
    expect(started.events).toEqual(['connected']);
    started.abort();
    await started.running;
    await started.stream.stop?.();
    expect(started.venue.requests.at(-1)).toBe('DELETE key1');
  });

  it('retries soon when a renewal is not answered, and keeps the connection', async () => {
    const started = await start(() => {}, SOON);
    await connected(started);
    started.venue.refusal = { status: 503, body: {} };
    await pass(started, 10_000);
    await until(() => started.venue.requests.length === 2);
    await pass(started, 1_000);
    await until(() => started.venue.requests.length === 3);
    expect(started.events).toEqual(['connected']);
  });

  it('reconnects with a new key when its key is rejected', async () => {
    const started = await start(() => {}, SOON);
    await connected(started);
    started.venue.refusal = { status: 400, body: { code: 400, msg: 'Invalid listen key' } };
    await pass(started, 10_000);
    await until(() => started.events.includes('disconnected: the listen key expired or was rejected'));
    started.venue.refusal = undefined;
    await passPause(started);
    await connected(started, 2);
    expect(started.venue.keys[1]).not.toBe('key1');
  });

  it('ends when a listener throws', async () => {
    const broken = {
      onFill: () => {
        throw new Error('a broken listener');
      },
    };
    const started = await start(() => {}, broken);
    (await connected(started)).send(frame(deal));
    await expect(started.running).rejects.toThrow('a broken listener');
  });
});
