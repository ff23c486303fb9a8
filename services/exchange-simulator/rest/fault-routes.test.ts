import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startExchangeSimulator, XRP_ETH, type TestSimulator } from '../../../test/harness/exchange-simulator.ts';
import { until } from '../../../test/harness/until.ts';
import type { SimulatorFaults } from '../../shared/contracts/simulator-faults.ts';
import { dealsChannel, depthChannel, PRIVATE_ACCOUNT } from '../../shared/venue/mexc/channels.ts';
import { decodePush, type MexcPush } from '../../shared/venue/mexc/stream/protobuf.ts';

const instruments = [XRP_ETH, { ...XRP_ETH, symbol: 'XRP/BTC', quote: 'BTC' }];
/** A sale and a buy every 20 ms. */
const BUSY_TAPE = [
  'timestamp_ms,trade_id,taker_side,price,amount',
  ...Array.from({ length: 100 }, (_, index) => {
    const [side, price] = index % 2 === 0 ? ['sell', '0.0014'] : ['buy', '0.00141'];
    return `${1_000 + index * 10},${index + 1},${side},${price},500`;
  }),
].join('\n');

let venue: TestSimulator;
beforeAll(async () => {
  venue = await startExchangeSimulator({ tape: BUSY_TAPE, settings: { instruments, faults: true } });
}, 30_000);
afterAll(async () => {
  await venue.stop();
});

const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

async function post(name: string, body: unknown, at = venue): Promise<[number, unknown]> {
  const init = { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(`${at.restUrl}/simulator/faults/${name}`, init);
  return [response.status, await response.json()];
}

async function inject<N extends keyof SimulatorFaults>(name: N, body: SimulatorFaults[N]): Promise<void> {
  expect(await post(name, body)).toEqual([200, {}]);
}

interface Depth {
  readonly bids: readonly (readonly string[])[];
  readonly asks: readonly (readonly string[])[];
}

async function touch(): Promise<readonly (string | undefined)[]> {
  const { bids, asks } = (await venue.get('/api/v3/depth?symbol=XRPETH&limit=1')).body as Depth;
  return [bids[0]?.[0], asks[0]?.[0]];
}

async function balanceOf(asset: string): Promise<unknown> {
  const { balances } = (await venue.signed('GET', '/api/v3/account')).body as { balances: { asset: string }[] };
  return balances.find((balance) => balance.asset === asset);
}

async function subscribe(channels: readonly string[], query = ''): Promise<readonly MexcPush[]> {
  const socket = new WebSocket(`${venue.wsUrl}${query}`);
  const pushes: MexcPush[] = [];
  let answered = false;
  sockets.push(socket);
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) pushes.push(decodePush(data));
    else answered = true;
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ method: 'SUBSCRIPTION', params: channels }));
  await until(() => answered || undefined);
  return pushes;
}

it('has no faults unless the settings enable them', async () => {
  const plain = await startExchangeSimulator();
  try {
    for (const [name, body] of [
      ['price', { basisPoints: -500 }],
      ['transfer', { asset: 'ETH', amount: '1' }],
      ['listing', { symbol: 'XRP/ETH', listed: false }],
      ['streams', { cutMs: 1 }],
    ] as const)
      expect((await post(name, body, plain))[0]).toBe(404);
    expect((await plain.get('/api/v3/exchangeInfo?symbol=XRPETH')).status).toBe(200);
  } finally {
    await plain.stop();
  }
}, 30_000);

it.each([
  ['price', { basisPoints: -10_000 }, /basisPoints: .*-9900/],
  ['price', { basisPoints: 0.5 }, /basisPoints: /],
  ['price', {}, /basisPoints: /],
  ['transfer', { asset: 'eth', amount: '1' }, /asset: must be an asset in capitals/],
  ['transfer', { asset: 'ETH', amount: '0' }, /amount: must not be zero/],
  ['transfer', { asset: 'ETH', amount: 1 }, /amount: /],
  ['listing', { symbol: 'XRPETH', listed: false }, /symbol: must be BASE\/QUOTE/],
  ['streams', { cutMs: -1 }, /cutMs: /],
  ['streams', { cutMs: 1, only: 'public' }, /the body: .*only/],
  ['streams', 'cutMs', /the body is not JSON/],
])('refuses %s %j and names the member', async (name, body, error) => {
  expect(await post(name, body)).toEqual([400, { error: expect.stringMatching(error) }]);
});

describe('price', () => {
  afterEach(async () => inject('price', { basisPoints: 0 }));

  it('shifts book and trades by basis points of the recorded prices, and back', async () => {
    await inject('price', { basisPoints: -500 });
    expect(await touch()).toEqual(['0.00133', '0.0013395']);
    await inject('price', { basisPoints: 1_000 });
    expect(await touch()).toEqual(['0.00154', '0.001551']);
    const pushes = await subscribe([dealsChannel('XRPETH', '10ms')]);
    // The first deals may be from before the shift.
    const prices = await until(() => {
      const deals = pushes.flatMap(({ body }) => (body.kind === 'deals' ? body.deals : []));
      const shifted = deals.filter(({ price }) => price === '0.00154' || price === '0.001551');
      return shifted.length >= 4 ? deals.slice(-4).map(({ price }) => price) : undefined;
    });
    expect(new Set(prices)).toEqual(new Set(['0.00154', '0.001551']));
    await inject('price', { basisPoints: 0 });
    expect(await touch()).toEqual(['0.0014', '0.00141']);
  });

  it('fills a resting order that the new prices cross, at its own price', async () => {
    const order = { symbol: 'XRPETH', side: 'BUY', type: 'LIMIT', price: '0.00135', quantity: '10' };
    const { body } = await venue.signed('POST', '/api/v3/order', order);
    await inject('price', { basisPoints: -500 });
    const { orderId } = body as { orderId: string };
    expect((await venue.signed('GET', '/api/v3/order', { symbol: 'XRPETH', orderId })).body).toMatchObject({
      status: 'FILLED',
      executedQty: '10',
      cummulativeQuoteQty: '0.0135',
    });
  });
});

describe('transfer', () => {
  it('deposits and withdraws what is free, and pushes both to the account', async () => {
    const { listenKey } = (await venue.signed('POST', '/api/v3/userDataStream')).body as { listenKey: string };
    const pushes = await subscribe([PRIVATE_ACCOUNT], `?listenKey=${listenKey}`);
    await inject('transfer', { asset: 'MX', amount: '2.5' });
    expect(await balanceOf('MX')).toMatchObject({ free: '2.5', locked: '0' });
    expect(await post('transfer', { asset: 'MX', amount: '-2.6' })).toEqual([
      409,
      { error: 'the account has less free MX' },
    ]);
    await inject('transfer', { asset: 'MX', amount: '-2.5' });
    expect(await balanceOf('MX')).toBeUndefined();
    const changes = await until(() => (pushes.length >= 2 ? pushes : undefined));
    expect(changes.map(({ body }) => body)).toMatchObject([
      { vcoinName: 'MX', balanceAmount: '2.5', balanceAmountChange: '2.5', type: 'DEPOSIT' },
      { vcoinName: 'MX', balanceAmount: '0', balanceAmountChange: '-2.5', type: 'WITHDRAW' },
    ]);
  });

  it('is in the log of the judge, and survives a restart, unlike the other faults', async () => {
    await inject('transfer', { asset: 'USDT', amount: '7.000000000000000001' });
    await inject('price', { basisPoints: -500 });
    await inject('listing', { symbol: 'XRP/BTC', listed: false });
    const journal = readFileSync(venue.journalFile, 'utf8');
    expect(journal).toContain('"kind":"transferred","account":"paper","asset":"USDT","amount":"7.000000000000000001"');
    await venue.kill();
    await venue.restart();
    expect(await balanceOf('USDT')).toMatchObject({ free: '7.000000000000000001' });
    expect(await touch()).toEqual(['0.0014', '0.00141']);
    expect((await venue.get('/api/v3/exchangeInfo?symbol=XRPBTC')).status).toBe(200);
  }, 30_000);
});

describe('listing', () => {
  beforeEach(async () => inject('listing', { symbol: 'XRP/ETH', listed: true }));
  afterEach(async () => inject('listing', { symbol: 'XRP/ETH', listed: true }));

  it('refuses a pair that the venue never had', async () => {
    expect(await post('listing', { symbol: 'BTC/USDT', listed: false })).toEqual([
      404,
      { error: 'the venue has no pair BTC/USDT' },
    ]);
  });

  it('cancels the open orders of the pair, and answers as if it did not exist', async () => {
    const order = { symbol: 'XRPETH', side: 'BUY', type: 'LIMIT', price: '0.001', quantity: '100' };
    expect((await venue.signed('POST', '/api/v3/order', order)).status).toBe(200);
    await inject('listing', { symbol: 'XRP/ETH', listed: false });
    const account = (await venue.get('/simulator/accounts')).body as { openOrders: number };
    expect(account.openOrders).toBe(0);
    const unknown = { status: 400, body: { code: 10007, msg: 'bad symbol' } };
    expect(await venue.signed('POST', '/api/v3/order', order)).toEqual(unknown);
    expect(await venue.signed('GET', '/api/v3/openOrders', { symbol: 'XRPETH' })).toEqual(unknown);
    expect(await venue.get('/api/v3/depth?symbol=XRPETH')).toEqual(unknown);
    const { symbols } = (await venue.get('/api/v3/exchangeInfo')).body as { symbols: { symbol: string }[] };
    expect(symbols.map(({ symbol }) => symbol)).toEqual(['XRPBTC']);
    expect((await venue.get('/api/v3/defaultSymbols')).body).toMatchObject({ data: ['XRPBTC'] });
    expect((await venue.get('/api/v3/ticker/bookTicker')).body).toMatchObject([{ symbol: 'XRPBTC' }]);
  });

  it('silences the channels of the pair until it is listed again', async () => {
    const pushes = await subscribe([dealsChannel('XRPETH', '10ms'), depthChannel('XRPETH', '10ms')]);
    await until(() => (pushes.length > 0 ? true : undefined));
    await inject('listing', { symbol: 'XRP/ETH', listed: false });
    const before = pushes.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(pushes.length).toBeLessThanOrEqual(before + 2);
    const silent = pushes.length;
    await inject('listing', { symbol: 'XRP/ETH', listed: true });
    await until(() => (pushes.length > silent + 2 ? true : undefined));
  });
});

it('cuts every stream, refuses new ones for the time, and answers REST meanwhile', async () => {
  await subscribe([dealsChannel('XRPETH', '10ms')]);
  const [socket] = sockets;
  if (socket === undefined) throw new Error('no connection');
  const closed = once(socket, 'close');
  await inject('streams', { cutMs: 500 });
  expect((await closed)[0]).toBe(1006);
  const refused = new WebSocket(venue.wsUrl);
  expect(String((await once(refused, 'error'))[0])).toContain('503');
  expect((await venue.get('/api/v3/ping')).status).toBe(200);
  const pushes = await until(async () => await subscribe([dealsChannel('XRPETH', '10ms')]).catch(() => undefined));
  expect(await until(() => (pushes.length > 0 ? true : undefined))).toBe(true);
});
