import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startExchangeSimulator, type TestSimulator } from '../../../../test/harness/exchange-simulator.ts';
import { until } from '../../../../test/harness/until.ts';
import {
  bookTickerChannel,
  dealsChannel,
  depthChannel,
  PRIVATE_ACCOUNT,
  PRIVATE_DEALS,
  PRIVATE_ORDERS,
} from '../../../shared/venue/mexc/channels.ts';
import { decodePush, type MexcPush, type MexcPushBody } from '../../../shared/venue/mexc/stream/protobuf.ts';

let venue: TestSimulator;
beforeAll(async () => {
  venue = await startExchangeSimulator();
}, 30_000);
afterAll(async () => {
  await venue.stop();
});

interface Client {
  readonly socket: WebSocket;
  readonly texts: string[];
  readonly pushes: MexcPush[];
  readonly closed: { code?: number; reason?: string };
  ask(message: unknown): Promise<string>;
}

const clients: Client[] = [];
afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.terminate();
});

async function connect(query = ''): Promise<Client> {
  const socket = new WebSocket(`${venue.wsUrl}${query}`);
  const client: Client = {
    socket,
    texts: [],
    pushes: [],
    closed: {},
    ask: async (message) => {
      const answered = client.texts.length;
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
      return await until(() => client.texts[answered]);
    },
  };
  clients.push(client);
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) client.pushes.push(decodePush(data));
    else client.texts.push(data.toString());
  });
  socket.on('close', (code, reason) => Object.assign(client.closed, { code, reason: reason.toString() }));
  await once(socket, 'open');
  return client;
}

function subscribe(...params: string[]): unknown {
  return { method: 'SUBSCRIPTION', params };
}

function bodiesOf<K extends MexcPushBody['kind']>(client: Client, kind: K): Extract<MexcPushBody, { kind: K }>[] {
  return client.pushes.flatMap(({ body }) => (body.kind === kind ? [body as Extract<MexcPushBody, { kind: K }>] : []));
}

async function listenKey(): Promise<string> {
  const { body } = await venue.signed('POST', '/api/v3/userDataStream');
  return (body as { listenKey: string }).listenKey;
}

const ORDER = { symbol: 'XRPETH', side: 'BUY', type: 'LIMIT', price: '0.00141', quantity: '20' };

describe('control messages', () => {
  it('are answered like the venue answers them', async () => {
    const client = await connect();
    const [deals, depth] = [dealsChannel('XRPETH', '100ms'), depthChannel('XRPETH', '10ms')];
    expect(JSON.parse(await client.ask({ method: 'PING' }))).toEqual({ id: 0, code: 0, msg: 'PONG' });
    expect(JSON.parse(await client.ask(subscribe(deals, depth)))).toEqual({ id: 0, code: 0, msg: `${deals},${depth}` });
    expect(JSON.parse(await client.ask({ method: 'UNSUBSCRIPTION', params: [depth], id: 4 }))).toEqual({
      id: 4,
      code: 0,
      msg: depth,
    });
    for (const unknown of ['spot@public.nothing', dealsChannel('NOPE', '100ms'), PRIVATE_ORDERS])
      expect(await client.ask(subscribe(unknown))).toContain(`Not Subscribed successfully! [${unknown}]`);
    for (const garbage of ['{', '[]', '{"method":5}', '{"method":"DANCE"}'])
      expect(await client.ask(garbage)).toContain('"code":0');
  });

  it('open private streams to a client with a key, and can be repeated', async () => {
    const client = await connect(`?listenKey=${await listenKey()}`);
    const subscription = subscribe(deals('10ms'), PRIVATE_ORDERS, PRIVATE_DEALS, PRIVATE_ACCOUNT);
    expect(await client.ask(subscription)).toContain(PRIVATE_ACCOUNT);
    expect(await client.ask(subscription)).not.toContain('Not Subscribed');
  });
});

function deals(interval: '10ms' | '100ms'): string {
  return dealsChannel('XRPETH', interval);
}

describe('public streams', () => {
  it('carry depth diffs without a gap, which turn a snapshot into a later snapshot', async () => {
    const client = await connect();
    await client.ask(subscribe(depthChannel('XRPETH', '10ms')));
    await until(() => bodiesOf(client, 'depths').length > 0);
    const first = await snapshot();
    await until(() => Number(bodiesOf(client, 'depths').at(-1)?.toVersion) > first.version + 40, 20_000);
    const second = await snapshot();
    await until(() => Number(bodiesOf(client, 'depths').at(-1)?.toVersion) >= second.version, 20_000);
    const frames = bodiesOf(client, 'depths');
    frames
      .slice(1)
      .forEach((frame, index) => expect(Number(frame.fromVersion)).toBe(Number(frames[index]?.toVersion) + 1));
    for (const frame of frames) {
      if (Number(frame.toVersion) <= first.version || Number(frame.fromVersion) > second.version) continue;
      for (const side of ['bids', 'asks'] as const)
        for (const level of frame[side]) first[side].set(level.price, level.quantity);
    }
    for (const side of ['bids', 'asks'] as const)
      expect(new Map([...first[side]].filter(([, quantity]) => quantity !== '0'))).toEqual(second[side]);
  });

  it('carry prints and best bid/ask', async () => {
    const client = await connect();
    await client.ask(subscribe(deals('100ms'), bookTickerChannel('XRPETH', '100ms')));
    await venue.signed('POST', '/api/v3/order', { ...ORDER, type: 'IMMEDIATE_OR_CANCEL' });
    await until(() => bodiesOf(client, 'deals').length > 0 && bodiesOf(client, 'bookTicker').length > 0);
    expect(bodiesOf(client, 'deals')[0]).toMatchObject({
      deals: [{ price: '0.00141', quantity: '20', tradeType: 1 }],
      eventType: 'spot@public.aggre.deals.v3.api.pb@100ms',
    });
    expect(bodiesOf(client, 'bookTicker')[0]).toMatchObject({ bidPrice: '0.0014', askPrice: '0.00141' });
    expect(client.pushes[0]).toMatchObject({ symbol: 'XRPETH' });
  });
});

async function snapshot(): Promise<{ version: number; bids: Map<string, string>; asks: Map<string, string> }> {
  const { body } = await venue.get('/api/v3/depth?symbol=XRPETH&limit=1000');
  const { lastUpdateId, bids, asks } = body as {
    lastUpdateId: number;
    bids: [string, string][];
    asks: [string, string][];
  };
  return { version: lastUpdateId, bids: new Map(bids), asks: new Map(asks) };
}

describe('private streams', () => {
  it('carry an order, its fills and the balances in order, each as of its event', async () => {
    const client = await connect(`?listenKey=${await listenKey()}`);
    await client.ask(subscribe(PRIVATE_ORDERS, PRIVATE_DEALS, PRIVATE_ACCOUNT));
    await venue.signed('POST', '/api/v3/order', { ...ORDER, newClientOrderId: 'pushed' });
    await until(() => bodiesOf(client, 'privateOrder').some(({ status }) => status === 2));
    expect(client.pushes.map(({ body }) => body.kind)).toEqual([
      'privateOrder',
      'privateAccount',
      'privateOrder',
      'privateDeal',
      'privateAccount',
      'privateAccount',
    ]);
    const [placed, filled] = bodiesOf(client, 'privateOrder');
    expect(placed).toMatchObject({
      clientId: 'pushed',
      status: 1,
      cumulativeQuantity: '0',
      remainQuantity: '20',
      orderType: 1,
      tradeType: 1,
    });
    expect(filled).toMatchObject({
      status: 2,
      cumulativeQuantity: '20',
      remainQuantity: '0',
      avgPrice: '0.00141',
      cumulativeAmount: '0.0282',
    });
    expect(bodiesOf(client, 'privateDeal')).toMatchObject([
      {
        orderId: placed?.id,
        clientOrderId: 'pushed',
        price: '0.00141',
        quantity: '20',
        feeAmount: '0.0000141',
        feeCurrency: 'ETH',
        isMaker: false,
      },
    ]);
    expect(bodiesOf(client, 'privateAccount')[0]).toMatchObject({
      vcoinName: 'ETH',
      frozenAmountChange: '0.0282141',
      type: 'ENTRUST_PLACE',
    });
  });

  it('carry a cancel, and send no frame to a client without the key', async () => {
    const [own, other] = [await connect(`?listenKey=${await listenKey()}`), await connect()];
    await own.ask(subscribe(PRIVATE_ORDERS));
    await other.ask(subscribe(PRIVATE_ORDERS));
    await venue.signed('POST', '/api/v3/order', { ...ORDER, price: '0.001', newClientOrderId: 'gone' });
    await venue.signed('DELETE', '/api/v3/order', { symbol: 'XRPETH', origClientOrderId: 'gone' });
    await until(() => bodiesOf(own, 'privateOrder').length === 2);
    expect(bodiesOf(own, 'privateOrder').map(({ status }) => status)).toEqual([1, 4]);
    expect(other.pushes).toEqual([]);
  });

  it('open only with a valid key, and reject and disconnect other clients', async () => {
    const key = await listenKey();
    expect((await venue.signed('PUT', '/api/v3/userDataStream', { listenKey: key })).body).toEqual({ listenKey: key });
    expect((await venue.signed('GET', '/api/v3/userDataStream')).body).toMatchObject({
      listenKey: expect.arrayContaining([key]),
    });
    expect((await venue.signed('DELETE', '/api/v3/userDataStream', { listenKey: key })).status).toBe(200);
    expect((await venue.signed('PUT', '/api/v3/userDataStream', { listenKey: key })).status).toBe(400);
    const client = await connect(`?listenKey=${key}`);
    await until(() => client.closed.code);
    expect(client.texts).toEqual(['Invalid listen key']);
    expect(client.closed).toEqual({ code: 1008, reason: 'Invalid listen key' });
  });
});
