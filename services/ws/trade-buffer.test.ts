import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import type { TradePayload } from '../shared/contracts/messages/trade.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import { createWsMetrics } from './metrics.ts';
import { TradeBuffer } from './trade-buffer.ts';

const ok: PublishResult = { kind: 'ok', id: '1-1' };
const refused: PublishResult = { kind: 'refused', reason: 'Full', message: 'OOM' };
const unknown: PublishResult = { kind: 'unknown', message: 'reply lost' };

describe('trade buffer', () => {
  test('writes trades in order, in batches', async () => {
    const { buffer, batches } = setUp(() => ok);
    for (let seq = 1; seq <= 450; seq += 1) buffer.add(trade(seq));
    await buffer.flush();
    expect(batches.map((batch) => batch.length)).toEqual([200, 200, 50]);
    expect(batches.flat()).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
  });

  test('retries refused trades after a pause, in order, before later ones', async () => {
    let up = false;
    const { buffer, batches, clock } = setUp(() => (up ? ok : refused));
    buffer.add(trade(1));
    buffer.add(trade(2));
    await buffer.flush();
    expect([buffer.waiting, buffer.problem]).toEqual([2, 'Full: OOM']);
    buffer.add(trade(3));
    up = true;
    await buffer.flush();
    expect(batches.length).toBe(1);
    await clock.advance(250);
    await buffer.flush();
    expect(batches.at(-1)).toEqual([1, 2, 3]);
    expect([buffer.waiting, buffer.problem, buffer.dropped]).toEqual([0, '', 0]);
  });

  test('never resends a trade that may have been written', async () => {
    const { buffer, batches, clock } = setUp((seq) => (seq === 2 ? unknown : ok));
    for (const seq of [1, 2, 3]) buffer.add(trade(seq));
    await buffer.flush();
    await clock.advance(1_000);
    await buffer.flush();
    expect(batches).toEqual([[1, 2, 3]]);
    expect(buffer.dropped).toBe(1);
  });

  test('drops the oldest trades at the bound, also when a refused batch returns', async () => {
    const { buffer, batches, clock } = setUp((_, call) => (call === 1 ? refused : ok), 3);
    for (const seq of [1, 2, 3, 4]) buffer.add(trade(seq));
    const flushing = buffer.flush();
    buffer.add(trade(5));
    await flushing;
    expect([buffer.waiting, buffer.dropped]).toEqual([3, 2]);
    await clock.advance(250);
    await buffer.flush();
    expect(batches.at(-1)).toEqual([3, 4, 5]);
  });

  test('writes no trade twice when two flushes overlap', async () => {
    const { buffer, batches } = setUp(() => ok);
    buffer.add(trade(1));
    await Promise.all([buffer.flush(), buffer.flush()]);
    expect(batches).toEqual([[1]]);
  });
});

function setUp(answer: (seq: number, call: number) => PublishResult, capacity?: number) {
  const clock = virtualClock();
  const batches: number[][] = [];
  const publishTrades = async (trades: readonly TradePayload[]): Promise<readonly PublishResult[]> => {
    batches.push(trades.map(({ seq }) => seq));
    return await Promise.resolve(trades.map(({ seq }) => answer(seq, batches.length)));
  };
  const metrics = createWsMetrics(new Registry());
  const buffer = new TradeBuffer({ publishTrades, clock, metrics, ...(capacity === undefined ? {} : { capacity }) });
  return { buffer, batches, clock };
}

function trade(seq: number): TradePayload {
  const { price, quantity } = { price: '1', quantity: '1' };
  return { producer: 'ws', seq, symbol: 'XRP/ETH', price, quantity, takerSide: 'buy', time: 1, receivedAt: 1 };
}
