import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { add, formatDecimal, parseDecimal, ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import { FillWalk } from '../../services/execution/venue/fill-walk.ts';
import type { FillRange } from '../../services/shared/domain/orders/fill-page.ts';
import type { Fill } from '../../services/shared/domain/orders/fill.ts';
import type { OrderReport } from '../../services/shared/domain/orders/order-report.ts';
import type { OrderRequest } from '../../services/shared/domain/orders/order.ts';
import type { VenueReply } from '../../services/shared/domain/orders/venue-reply.ts';
import type { PlaceTerms } from '../../services/shared/venue/trading-venue.ts';
import { createMexcClient, type MexcClient } from '../../services/shared/venue/mexc/trading-client.ts';
import {
  createMexcPrivateStream,
  type MexcPrivateStream,
} from '../../services/shared/venue/mexc/stream/private-stream.ts';
import { tradingVenueContract } from '../../services/shared/venue/contract.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { startExchangeSimulator, type TestSimulator } from '../harness/exchange-simulator.ts';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { until } from '../harness/until.ts';

const SYMBOL = 'XRP/ETH';
const log = createLogger({ name: 'test', level: 'silent' });

let venue: TestSimulator;
let proxy: FaultProxy;
let client: MexcClient;
/** Reaches the same venue through the proxy. */
let remote: MexcClient;
const open: (() => Promise<void>)[] = [];

beforeAll(async () => {
  venue = await startExchangeSimulator();
  const { hostname, port } = new URL(venue.restUrl);
  proxy = await startFaultProxy({ host: hostname, port: Number(port) });
  client = clientOf(venue.restUrl);
  remote = clientOf(`http://127.0.0.1:${proxy.port}`);
});
afterEach(async () => {
  proxy.pass();
  for (const close of open.splice(0)) await close();
});
afterAll(async () => {
  client.close();
  remote.close();
  await proxy.close();
  await venue.stop();
});

function clientOf(restUrl: string): MexcClient {
  const { apiKey, secretKey } = venue;
  const limits = { recvWindowMs: 2_000, deadlineMs: 1_000 };
  return createMexcClient({ restUrl, apiKey, secretKey, symbols: [SYMBOL], ...limits, clock: systemClock, log });
}

let made = 0;
function orderOf(change: Partial<OrderRequest> = {}): OrderRequest {
  made += 1;
  return {
    clientOrderId: `test${made}`,
    symbol: SYMBOL,
    side: 'buy',
    type: 'LIMIT',
    price: parseDecimal('0.0013'),
    quantity: parseDecimal('10'),
    ...change,
  };
}

/** The best ask of the quiet venue is 0.00141: ten are filled immediately. */
const TAKING = { type: 'IMMEDIATE_OR_CANCEL', price: parseDecimal('0.00141') } as const;

function now(change: Partial<PlaceTerms> = {}): PlaceTerms {
  return { timestampMs: Date.now(), recvWindowMs: 2_000, refusal: () => undefined, ...change };
}

function valueOf<T>(reply: VenueReply<T>): T {
  if (reply.kind !== 'ok') throw new Error(JSON.stringify(reply));
  return reply.value;
}

/** Number of orders with this ID that the venue has ever accepted, by its own log. */
async function placedAtVenue({ clientOrderId }: OrderRequest): Promise<number> {
  const { body } = await venue.get('/simulator/log?after=0&limit=1000');
  const { entries } = body as { entries: { kind: string; clientOrderId?: string }[] };
  return entries.filter((entry) => entry.kind === 'placed' && entry.clientOrderId === clientOrderId).length;
}

tradingVenueContract(
  'createMexcClient',
  async () =>
    await Promise.resolve({
      venue: client,
      symbol: SYMBOL,
      quantity: parseDecimal('10'),
      restingPrice: parseDecimal('0.0013'),
      fillingPrice: TAKING.price,
      nowMs: Date.now,
      settle: async (promise) => await promise,
    }),
);

describe('createMexcClient against the exchange simulator', () => {
  it('measures the clock skew', async () => {
    expect(Math.abs(valueOf(await client.clockSkewMs()))).toBeLessThan(1_000);
  });

  it('places a resting order, finds it, and cancels it', async () => {
    const order = orderOf();
    const { venueOrderId } = valueOf(await client.place(order, now()));
    const report = {
      venueOrderId,
      clientOrderId: order.clientOrderId,
      symbol: SYMBOL,
      side: 'buy',
      price: order.price,
      quantity: order.quantity,
      executed: ZERO,
      status: 'New',
      resting: true,
      createdAt: expect.any(Number) as number,
    };
    expect(valueOf(await client.order(SYMBOL, order.clientOrderId))).toEqual(report);
    expect(valueOf(await client.openOrders(SYMBOL))).toEqual([report]);
    expect(await client.cancel(SYMBOL, order.clientOrderId)).toEqual({ kind: 'ok', value: undefined });
    expect(valueOf(await client.order(SYMBOL, order.clientOrderId))).toEqual({ ...report, status: 'Cancelled' });
    expect(valueOf(await client.openOrders(SYMBOL))).toEqual([]);
    expect(await client.cancel(SYMBOL, order.clientOrderId)).toEqual({ kind: 'notFound' });
  });

  it('takes liquidity, and reads fills and balances to the last digit', async () => {
    const before = valueOf(await client.balances());
    const order = orderOf(TAKING);
    const { venueOrderId } = valueOf(await client.place(order, now()));
    const report = valueOf(await client.order(SYMBOL, order.clientOrderId));
    expect([report.status, report.executed, report.resting]).toEqual(['Filled', order.quantity, false]);
    const fills = valueOf(await client.fills(SYMBOL, { fromMs: 0 })).fills.filter(
      (fill) => fill.venueOrderId === venueOrderId,
    );
    expect(sumOf(fills, ({ quantity }) => quantity)).toBe('10');
    expect(sumOf(fills, ({ fee }) => fee)).toBe('0.00000705');
    expect(fills[0]).toMatchObject({
      clientOrderId: order.clientOrderId,
      side: 'buy',
      price: TAKING.price,
      feeAsset: 'ETH',
      maker: false,
    });
    const after = valueOf(await client.balances());
    const spent = (before.get('ETH')?.free ?? ZERO) - (after.get('ETH')?.free ?? ZERO);
    expect(formatDecimal(spent as Decimal)).toBe('0.01410705');
    expect(after.get('XRP')?.free).toBe(add(before.get('XRP')?.free ?? ZERO, order.quantity));
  });

  it('reads every fill over several pages, oldest first', async () => {
    const since = Date.now();
    const ids: string[] = [];
    for (let i = 0; i < 120; i += 1) {
      const quantity = parseDecimal('4');
      const order = orderOf({
        ...TAKING,
        ...(i % 2 === 0 ? {} : { side: 'sell', price: parseDecimal('0.0014') }),
        quantity,
      });
      ids.push(valueOf(await client.place(order, now())).venueOrderId);
    }
    const fills: Fill[] = [];
    const ask = async (range: FillRange) => await client.fills(SYMBOL, range);
    const onRead = async (read: readonly Fill[]): Promise<void> => {
      fills.push(...read);
      await Promise.resolve();
    };
    expect((await ask({ fromMs: since })).kind === 'ok' && valueOf(await ask({ fromMs: since })).complete).toBe(false);
    const walk = new FillWalk(since);
    let end = await walk.run({ ask, onRead }, systemClock);
    while (end.kind === 'Paused') end = await walk.run({ ask, onRead }, systemClock);
    expect(end).toEqual({ kind: 'Complete' });
    expect(fills.length).toBeGreaterThan(100);
    expect([...new Set(fills.map(({ venueOrderId }) => venueOrderId))]).toEqual(ids);
    expect(new Set(fills.map(({ venueTradeId }) => venueTradeId)).size).toBe(fills.length);
  });

  it.each<[string, Partial<OrderRequest>, Partial<PlaceTerms>, string]>([
    ['an order below the minimum', { quantity: parseDecimal('1') }, {}, '30002'],
    [
      'an order above the balance',
      { side: 'sell', price: parseDecimal('0.002'), quantity: parseDecimal('100000') },
      {},
      '30005',
    ],
    ['a timestamp older than its window', {}, { timestampMs: Date.now() - 60_000, recvWindowMs: 500 }, '700003'],
  ])('returns the rejection code of the venue for %s', async (_name, change, terms, code) => {
    const order = orderOf(change);
    expect(await client.place(order, now(terms))).toMatchObject({ kind: 'rejected', code });
    expect(await placedAtVenue(order)).toBe(0);
    expect(await client.order(SYMBOL, order.clientOrderId)).toEqual({ kind: 'notFound' });
  });

  it('does not place an order without the permit', async () => {
    const order = orderOf();
    const reply = await client.place(order, now({ refusal: () => 'EpochFenced' }));
    expect(reply).toEqual({ kind: 'notSent', reason: 'EpochFenced' });
    expect(await placedAtVenue(order)).toBe(0);
  });

  it('reports an order as unknown when its reply is lost, and never resends it', async () => {
    const order = orderOf();
    proxy.loseReplies();
    expect(await remote.place(order, now())).toMatchObject({ kind: 'unknown' });
    await until(async () => (await placedAtVenue(order)) === 1);
    proxy.pass();
    expect(valueOf(await client.order(SYMBOL, order.clientOrderId)).status).toBe('New');
    expect(await placedAtVenue(order)).toBe(1);
    expect((await client.cancel(SYMBOL, order.clientOrderId)).kind).toBe('ok');
  });
});

interface Follower {
  readonly stream: MexcPrivateStream;
  readonly received: (string | OrderReport | Fill)[];
}

function follow(): Follower {
  const received: (string | OrderReport | Fill)[] = [];
  const { restUrl, wsUrl, apiKey, secretKey } = venue;
  const stream = createMexcPrivateStream({
    restUrl,
    wsUrl,
    apiKey,
    secretKey,
    symbols: [SYMBOL],
    clock: systemClock,
    log,
    onConnected: () => received.push('connected'),
    onDisconnected: () => received.push('disconnected'),
    onOrder: (report) => received.push(report),
    onFill: (fill) => received.push(fill),
    through: async (call) => await call(),
    onForeign: (symbol) => received.push(`foreign: ${symbol}`),
    onMalformed: (_frame, reason) => received.push(`malformed: ${reason}`),
  });
  const ending = new AbortController();
  const running = stream.run(ending.signal);
  open.push(async () => {
    ending.abort(new Error('end of test'));
    await running;
    await stream.stop?.();
  });
  return { stream, received };
}

describe('createMexcPrivateStream against the exchange simulator', () => {
  it('reports the same order and fills as REST', async () => {
    const { received, stream } = follow();
    await until(() => stream.check().ok);
    const since = Date.now() - 1;
    const order = orderOf(TAKING);
    const { venueOrderId } = valueOf(await client.place(order, now()));
    const report = valueOf(await client.order(SYMBOL, order.clientOrderId));
    const fills = valueOf(await client.fills(SYMBOL, { fromMs: since })).fills.filter(
      (fill) => fill.venueOrderId === venueOrderId,
    );
    await until(() => received.some((one) => typeof one !== 'string' && 'status' in one && one.status === 'Filled'));
    await until(() => received.filter((one) => typeof one !== 'string' && 'fee' in one).length === fills.length);
    const reports = received.filter((one) => typeof one !== 'string' && 'status' in one);
    expect(reports.at(-1)).toEqual(report);
    expect(received.filter((one) => typeof one !== 'string' && 'fee' in one)).toEqual(fills);
    expect(received.filter((one) => typeof one === 'string')).toEqual(['connected']);
  });

  it('reconnects after the venue was killed and lost all listen keys', async () => {
    const { received, stream } = follow();
    await until(() => stream.check().ok);
    await venue.kill();
    await until(() => !stream.check().ok);
    expect(await client.place(orderOf(), now())).toMatchObject({ kind: 'notSent', reason: 'ECONNREFUSED' });
    await venue.restart();
    await until(() => stream.check().ok, 30_000);
    expect(received).toEqual(['connected', 'disconnected', 'connected']);
    const order = orderOf();
    valueOf(await client.place(order, now()));
    await until(() => received.some((one) => typeof one !== 'string' && one.clientOrderId === order.clientOrderId));
    valueOf(await client.cancel(SYMBOL, order.clientOrderId));
    await until(() => received.some((one) => typeof one !== 'string' && 'status' in one && one.status === 'Cancelled'));
  });

  it('reports in its check that the venue refuses the API key', async () => {
    const { restUrl, wsUrl } = venue;
    const ignore = (): void => {};
    const stream = createMexcPrivateStream({
      restUrl,
      wsUrl,
      apiKey: 'nobody',
      secretKey: 'wrong',
      symbols: [SYMBOL],
      clock: systemClock,
      log,
      onConnected: ignore,
      onDisconnected: ignore,
      onOrder: ignore,
      onFill: ignore,
      through: async (call) => await call(),
      onForeign: ignore,
      onMalformed: ignore,
    });
    const ending = new AbortController();
    const running = stream.run(ending.signal);
    const check = await until(() => stream.check().reason === 'ListenKeyRefused' && stream.check());
    ending.abort(new Error('end of test'));
    await running;
    await stream.stop?.();
    expect(check.message).toContain('10072');
  });
});

function sumOf(fills: readonly Fill[], part: (fill: Fill) => Decimal): string {
  return formatDecimal(fills.reduce((sum, fill) => add(sum, part(fill)), ZERO));
}
