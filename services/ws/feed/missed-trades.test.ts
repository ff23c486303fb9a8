import { afterEach, beforeEach, expect, test } from 'vitest';
import { countConnects, VirtualWs } from '../../../test/harness/virtual-ws.ts';

const SYMBOL = 'XRP/ETH';
let ws: VirtualWs;

beforeEach(async () => {
  ws = new VirtualWs();
  await ws.upWithBook();
});
afterEach(async () => {
  await ws.stop();
});

function trade(price: string): void {
  ws.venue.trade(SYMBOL, price, ws.clock.nowMs());
}

/** Cuts the connection for `ms`, lets `meanwhile` happen in the middle, and waits until it is open again. */
async function cutFor(ms: number, meanwhile: () => void): Promise<void> {
  ws.venue.down = true;
  ws.venue.cut();
  await ws.clock.advance(ms / 2);
  meanwhile();
  await ws.clock.advance(ms / 2);
  ws.venue.down = false;
  for (let step = 0; step < 1_000 && ws.venue.connections.length === 0; step += 1) await ws.clock.advance(20);
}

const prices = (): string[] => ws.trades.map(({ price }) => price);
const numbers = (): number[] => ws.trades.map(({ seq }) => seq);

test('publishes the trades made during a cut, in order, before newer ones', async () => {
  trade('2');
  await ws.clock.advance(1_000);
  await cutFor(3_000, () => {
    for (const price of ['2.5', '2.4']) trade(price);
  });
  // Until the connection is open again, and right after, before the list was read.
  for (let step = 0; step < 100; step += 1) {
    await ws.clock.advance(100);
    if (step % 10 === 0) trade(`3.${step}`);
  }
  await ws.clock.advance(2_000);
  expect(prices()).toEqual([
    '2',
    '2.5',
    '2.4',
    ...Array.from({ length: 10 }, (_, index) => String(Number(`3.${index * 10}`))),
  ]);
  expect(numbers()).toEqual(numbers().map((_, index) => index + 1));
  expect(await ws.metric('tradingstack_ws_trades_recovered_total')).toMatch(/} [2-9]/);
  expect(await ws.metric('tradingstack_ws_trade_gaps_total')).toBe('');
});

test('publishes each of several equal trades once, whether the stream, the list or both have it', async () => {
  const nowMs = ws.clock.nowMs();
  for (let count = 0; count < 2; count += 1) ws.venue.trade(SYMBOL, '2', nowMs);
  await ws.clock.advance(100);
  await cutFor(2_000, () => {
    // The same millisecond, price, quantity and side as the two before the cut, and one more.
    ws.venue.trade(SYMBOL, '2', nowMs);
    ws.venue.trade(SYMBOL, '3', nowMs + 1);
    ws.venue.trade(SYMBOL, '3', nowMs + 1);
  });
  await ws.clock.advance(10_000);
  expect(prices()).toEqual(['2', '2', '2', '3', '3']);
});

test('publishes nothing twice after a cut without trades', async () => {
  for (let count = 0; count < 50; count += 1) {
    trade(String(count + 1));
    await ws.clock.advance(10);
  }
  await cutFor(2_000, () => {});
  await ws.clock.advance(10_000);
  expect(prices().length).toBe(50);
  expect(await ws.metric('tradingstack_ws_trades_duplicate_total')).toBe('');
});

test('publishes no trade that is older than its first subscription', async () => {
  await ws.stop();
  ws = new VirtualWs();
  ws.venue.trade(SYMBOL, '9', ws.clock.nowMs() - 60_000);
  await ws.upWithBook();
  await cutFor(2_000, () => trade('2'));
  await ws.clock.advance(10_000);
  expect(prices()).toEqual(['2']);
});

test('leaves a number out when the list does not reach back to what was published', async () => {
  trade('2');
  await ws.clock.advance(100);
  ws.venue.tradesLimit = 3;
  await cutFor(2_000, () => {
    for (let count = 0; count < 5; count += 1) ws.venue.trade(SYMBOL, String(3 + count), ws.clock.nowMs() + count);
  });
  await ws.clock.advance(10_000);
  trade('9');
  await ws.clock.advance(100);
  expect(ws.trades.map(({ price, seq }) => [price, seq])).toEqual([['2', 1], ['5', 3], ['6', 4], ['7', 5], ['9', 6]]); // prettier-ignore
  expect(await ws.metric('tradingstack_ws_trade_gaps_total')).toContain('reason="BeyondList"} 1');
});

test('leaves a number out when the list cannot be read, and goes on within ten seconds', async () => {
  trade('2');
  await ws.clock.advance(100);
  ws.venue.tradesFailures = Number.POSITIVE_INFINITY;
  await cutFor(1_000, () => trade('2.5'));
  await ws.clock.advance(3_000);
  trade('3');
  await ws.clock.advance(10_500);
  expect(ws.trades.map(({ price, seq }) => [price, seq])).toEqual([['2', 1], ['3', 3]]); // prettier-ignore
  expect(await ws.metric('tradingstack_ws_trade_gaps_total')).toContain('reason="Unavailable"} 1');
  expect(ws.venue.requests.trades).toBeLessThan(20);
});

test('reads the list again after a failure', async () => {
  trade('2');
  await ws.clock.advance(100);
  ws.venue.tradesFailures = 2;
  await cutFor(1_000, () => trade('2.5'));
  await ws.clock.advance(9_000);
  expect(prices()).toEqual(['2', '2.5']);
});

test('bounds the trades that wait for the list', async () => {
  trade('2');
  await ws.clock.advance(100);
  ws.venue.tradesFailures = Number.POSITIVE_INFINITY;
  await cutFor(1_000, () => {});
  for (let count = 0; count < 2_001; count += 1) ws.venue.trade(SYMBOL, '3', ws.clock.nowMs() + count);
  await ws.clock.advance(100);
  expect([ws.trades.length, ws.trades[1]?.seq]).toEqual([2_002, 3]);
  expect(await ws.metric('tradingstack_ws_trade_gaps_total')).toContain('reason="WaitingFull"} 1');
});

test('closes both gaps when a second cut comes before the list was read', async () => {
  trade('2');
  await ws.clock.advance(100);
  await cutFor(1_000, () => trade('3'));
  await ws.clock.advance(200);
  trade('4');
  await cutFor(1_000, () => trade('5'));
  await ws.clock.advance(10_000);
  expect(prices()).toEqual(['2', '3', '4', '5']);
  expect(numbers()).toEqual([1, 2, 3, 4]);
});

test('keeps the trades that wait when a second cut comes and no list can be read', async () => {
  trade('2');
  await ws.clock.advance(100);
  ws.venue.tradesFailures = Number.POSITIVE_INFINITY;
  await cutFor(1_000, () => trade('3'));
  await ws.clock.advance(200);
  trade('4');
  await cutFor(1_000, () => trade('5'));
  await ws.clock.advance(200);
  trade('6');
  await ws.clock.advance(11_000);
  expect(ws.trades.map(({ price, seq }) => [price, seq])).toEqual([['2', 1], ['4', 3], ['6', 4]]); // prettier-ignore
});

test('takes no list that was requested before the last cut', async () => {
  trade('2');
  await ws.clock.advance(100);
  const list = ws.venue.trades.bind(ws.venue);
  let isFirst = true;
  ws.venue.trades = async (symbol) => {
    const answer = await list(symbol);
    const isSlow = isFirst;
    isFirst = false;
    // The answer to the request before the second cut arrives when the connection is open again.
    if (isSlow) await ws.clock.sleep(900);
    return answer;
  };
  await cutFor(100, () => trade('3'));
  await ws.clock.advance(600);
  expect(isFirst).toBe(false);
  await cutFor(100, () => trade('4'));
  await ws.clock.advance(100);
  trade('5');
  await ws.clock.advance(10_000);
  expect(ws.trades.map(({ price, seq }) => [price, seq])).toEqual([['2', 1], ['3', 2], ['4', 3], ['5', 4]]); // prettier-ignore
});

test('asks no list when a connection is replaced while it runs', async () => {
  await ws.stop();
  ws = new VirtualWs({ limits: { maxConnectionMs: 60_000 } });
  await ws.upWithBook();
  for (let second = 0; second < 180; second += 1) {
    trade('2');
    await ws.keepBusy(1_000);
  }
  expect(ws.trades.length).toBe(180);
  expect(ws.venue.requests.trades).toBe(0);
});

test('leaves the connection of a pair that nobody trades', async () => {
  trade('2');
  const connects = countConnects(ws.venue);
  const { subscriptions } = ws.venue;
  await ws.clock.advance(900_000);
  expect({ connects: connects(), subscriptions: ws.venue.subscriptions - subscriptions }).toEqual({
    connects: 0,
    subscriptions: 0,
  });
  expect(ws.venue.requests.trades).toBeLessThanOrEqual(15);
  expect(ws.trades.length).toBe(1);
  expect(await ws.metric('tradingstack_ws_trade_gaps_total')).toBe('');
});

test('sees that the channel of trades is dead, publishes what it lacks, and resubscribes it', async () => {
  trade('2');
  await ws.clock.advance(100);
  const { subscriptions } = ws.venue;
  ws.venue.silence('trades');
  trade('3');
  await ws.clock.advance(61_000);
  expect(prices()).toEqual(['2', '3']);
  expect(ws.venue.subscriptions).toBe(subscriptions + 1);
  // Until the channel works again the list is read every few seconds.
  trade('4');
  await ws.clock.advance(6_000);
  expect(prices()).toEqual(['2', '3', '4']);
  const connects = countConnects(ws.venue);
  for (let second = 0; second < 60; second += 1) {
    trade(String(5 + second));
    await ws.keepBusy(1_000);
  }
  expect(connects()).toBe(1);
  await ws.keepBusy(10_000);
  expect(prices()).toEqual(Array.from({ length: 63 }, (_, index) => String(2 + index)));
  expect(await ws.metric('tradingstack_ws_trade_gaps_total')).toBe('');
});

test('takes a venue that forgot its trades for a gap after a cut, and only once', async () => {
  trade('2');
  await ws.clock.advance(100);
  ws.venue.tradesLimit = 0;
  await cutFor(1_000, () => {});
  await ws.clock.advance(600_000);
  expect(await ws.metric('tradingstack_ws_trade_gaps_total')).toContain('reason="BeyondList"} 1');
});

test('publishes what was traded while ws did not run, and numbers it from 1', async () => {
  for (const price of ['2', '2', '3']) trade(price);
  await ws.clock.advance(100);
  await ws.stop();
  for (const price of ['4', '5']) trade(price);
  await ws.clock.advance(60_000);
  const next = new VirtualWs({ after: ws, published: ws.trades });
  await next.clock.advance(1_000);
  trade('6');
  await next.clock.advance(1_000);
  expect(next.trades.map(({ price, seq }) => [price, seq])).toEqual([['4', 1], ['5', 2], ['6', 3]]); // prettier-ignore
  await next.stop();
});

test('leaves the first number out when the list does not reach back to the run before', async () => {
  trade('2');
  await ws.clock.advance(100);
  await ws.stop();
  ws.venue.tradesLimit = 2;
  await ws.clock.advance(1_000);
  for (const price of ['4', '5', '6']) trade(price);
  const next = new VirtualWs({ after: ws, published: ws.trades });
  await next.clock.advance(2_000);
  expect(next.trades.map(({ price, seq }) => [price, seq])).toEqual([['5', 2], ['6', 3]]); // prettier-ignore
  await next.stop();
});

test('waits for Redis before it subscribes, because it must know what was published', async () => {
  const next = new VirtualWs({ redisUp: false });
  await next.clock.advance(10_000);
  expect(next.venue.connections.length).toBe(0);
  next.redisUp = true;
  await next.clock.advance(3_000);
  expect(next.venue.connections.length).toBe(1);
  await next.stop();
});

test('starts with a Redis that refuses to read', async () => {
  const next = new VirtualWs({ refusesReads: true });
  await next.clock.advance(10_000);
  expect(next.venue.connections.length).toBe(1);
  expect(next.isReady()).toBe(true);
  await next.stop();
});
