import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// The package exports no deep paths. This is the published class with streams, as installed from npm.
import Mexc from '../../node_modules/ccxt/js/src/pro/mexc.js';
import { startExchangeSimulator, type TestSimulator } from '../harness/exchange-simulator.ts';

const SYMBOL = 'XRP/ETH';

let venue: TestSimulator;
let client: Mexc;
beforeAll(async () => {
  venue = await startExchangeSimulator();
  client = new Mexc({ apiKey: venue.apiKey, secret: venue.secretKey });
  // Only the addresses differ from a client of the real venue.
  client.urls['api'] = {
    spot: { public: venue.restUrl, private: venue.restUrl },
    contract: { public: `${venue.restUrl}/api/v1/contract`, private: `${venue.restUrl}/api/v1/private` },
    ws: { spot: venue.wsUrl },
  };
  // ccxt requires this call for every plain ws:// address.
  await client.loadHttpProxyAgent();
});
afterAll(async () => {
  await client.close();
  await venue.stop();
});

async function limitOrder(side: 'buy' | 'sell', amount: number, price: number, clientOrderId: string): Promise<string> {
  const order = await client.createOrder(SYMBOL, 'limit', side, amount, price, { clientOrderId });
  return order.id ?? '';
}

describe('mexc class of ccxt with only its addresses changed', () => {
  it('loads the markets', async () => {
    const markets = await client.loadMarkets();
    expect(Object.keys(markets)).toEqual([SYMBOL]);
    expect(client.market(SYMBOL)).toMatchObject({
      id: 'XRPETH',
      spot: true,
      active: true,
      maker: 0,
      taker: 0.0005,
      precision: { amount: 1, price: 1e-8 },
      limits: { amount: { min: 1 }, cost: { min: 0.005, max: 1000 } },
    });
    expect(Object.keys(client.currencies).sort()).toEqual(['ETH', 'XRP']);
  });

  it('reads time, status, order book, trades and the fee', async () => {
    expect(Math.abs(((await client.fetchTime()) as number) - Date.now())).toBeLessThan(5_000);
    expect(await client.fetchStatus()).toMatchObject({ status: 'ok' });
    const book = await client.fetchOrderBook(SYMBOL, 5);
    expect([book.bids[0]?.[0], book.asks[0]?.[0]]).toEqual([0.0014, 0.00141]);
    expect(await client.fetchTradingFee(SYMBOL)).toMatchObject({ maker: 0, taker: 0.0005 });
    await client.createOrder(SYMBOL, 'market', 'sell', 10);
    expect((await client.fetchTrades(SYMBOL, undefined, 1))[0]).toMatchObject({
      side: 'sell',
      price: 0.0014,
      amount: 10,
    });
  });

  it('places an order, finds it by client order ID, and cancels it', async () => {
    const id = await limitOrder('buy', 100, 0.001, 'ccxtrest');
    const found = await client.fetchOrder('', SYMBOL, { clientOrderId: 'ccxtrest' });
    expect(found).toMatchObject({
      id,
      clientOrderId: 'ccxtrest',
      status: 'open',
      side: 'buy',
      price: 0.001,
      amount: 100,
      filled: 0,
    });
    expect((await client.fetchOpenOrders(SYMBOL)).map((order) => order.id)).toEqual([id]);
    const balance = await client.fetchBalance();
    expect(balance['ETH']).toMatchObject({ used: 0.10005 });
    expect(await client.cancelOrder('', SYMBOL, { clientOrderId: 'ccxtrest' })).toMatchObject({ id });
    expect(await client.fetchOrder(id, SYMBOL)).toMatchObject({ status: 'canceled', filled: 0 });
  });

  it('fills an order, and reads its trades and the fee', async () => {
    const since = (await client.fetchTime()) as number;
    const id = await limitOrder('buy', 20, 0.00141, 'ccxtfill');
    expect(await client.fetchOrder(id, SYMBOL)).toMatchObject({ status: 'closed', filled: 20, cost: 0.0282 });
    expect(await client.fetchMyTrades(SYMBOL, since)).toMatchObject([
      {
        order: id,
        side: 'buy',
        price: 0.00141,
        amount: 20,
        takerOrMaker: 'taker',
        fee: { currency: 'ETH', cost: 0.0000141 },
      },
    ]);
  });

  it('fills an IOC order in part, and cancels an unfillable FOK order and a crossing post-only order', async () => {
    const partial = await client.createOrder(SYMBOL, 'limit', 'sell', 20_000 - 10, 0.0014, { timeInForce: 'IOC' });
    const order = await client.fetchOrder(partial.id ?? '', SYMBOL);
    expect(order.info).toMatchObject({ status: 'PARTIALLY_CANCELED', timeInForce: 'IOC' });
    expect(order.filled).toBeGreaterThan(0);
    const killed = await client.createOrder(SYMBOL, 'limit', 'sell', 10_000, 0.0014, { timeInForce: 'FOK' });
    expect((await client.fetchOrder(killed.id ?? '', SYMBOL)).info).toMatchObject({
      status: 'CANCELED',
      executedQty: '0',
    });
    const maker = await client.createOrder(SYMBOL, 'limit', 'buy', 10, 0.00141, { postOnly: true });
    expect((await client.fetchOrder(maker.id ?? '', SYMBOL)).info).toMatchObject({
      status: 'CANCELED',
      type: 'LIMIT_MAKER',
    });
  });

  it('maps rejections to the error classes of ccxt', async () => {
    await expect(limitOrder('buy', 1, 0.001, 'small')).rejects.toMatchObject({ name: 'InvalidOrder' });
    await expect(limitOrder('buy', 100_000, 0.0014, 'rich')).rejects.toMatchObject({ name: 'InsufficientFunds' });
    await expect(limitOrder('sell', 100_000, 0.0015, 'bare')).rejects.toMatchObject({ name: 'InsufficientFunds' });
    await expect(client.cancelOrder('C02__1', SYMBOL)).rejects.toMatchObject({ name: 'BadRequest' });
    await expect(client.fetchOrder('C02__1', SYMBOL)).rejects.toThrow('-2013');
    await expect(client.createOrder(SYMBOL, 'limit', 'buy', 100, 0.001, { test: true })).resolves.toBeDefined();
    const stranger = new Mexc({ apiKey: venue.apiKey, secret: 'wrong' });
    stranger.urls['api'] = client.urls['api'];
    await expect(stranger.fetchBalance()).rejects.toMatchObject({ name: 'AuthenticationError' });
  });

  it('follows its orders, trades and balances on the private stream', async () => {
    const [orders, trades, balance] = [client.watchOrders(SYMBOL), client.watchMyTrades(SYMBOL), client.watchBalance()];
    await subscribed(3);
    const id = await limitOrder('buy', 10, 0.00141, 'ccxtpush');
    expect((await trades)[0]).toMatchObject({
      order: id,
      price: 0.00141,
      amount: 10,
      fee: { currency: 'ETH', cost: 0.00000705 },
    });
    expect((await orders)[0]).toMatchObject({ id, clientOrderId: 'ccxtpush', symbol: SYMBOL, side: 'buy' });
    expect((await balance)['ETH']).toBeDefined();
    let seen = (await orders)[0];
    while (seen?.status !== 'closed') seen = (await client.watchOrders(SYMBOL)).at(-1);
    expect(seen).toMatchObject({ id, filled: 10, average: 0.00141 });
  });

  it('follows the market', async () => {
    const book = await client.watchOrderBook(SYMBOL);
    expect([book.bids[0]?.[0], book.asks[0]?.[0]]).toEqual([0.0014, 0.00141]);
    const prints = client.watchTrades(SYMBOL);
    await subscribed(1);
    await client.createOrder(SYMBOL, 'market', 'sell', 10);
    expect((await prints)[0]).toMatchObject({ side: 'sell', price: 0.0014, amount: 10 });
  });
});

/**
 * Waits until the venue has the subscriptions: `watch…` returns its promise while they are still in transit.
 */
async function subscribed(count: number): Promise<void> {
  await client.sleep(300 * count);
}
