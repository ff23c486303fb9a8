import { expect, test } from 'vitest';
import { tradeMessage } from '../../services/shared/contracts/messages/trade.ts';
import type { StrategySettings } from '../../services/shared/contracts/services/signal.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { createSignalEngine, type SignalEngine } from '../../services/signal/core/signal-engine.ts';
import { VirtualWs } from '../harness/virtual-ws.ts';

const SYMBOL = 'XRP/ETH';
const MINUTE = 60_000;
const breakout: StrategySettings = {
  name: 'breakout',
  symbols: [SYMBOL],
  kind: 'Donchian',
  barSeconds: 60,
  entryBars: 3,
  exitBars: 2,
};

/** A market whose trades reach one engine through ws, and another without a way between. */
async function market() {
  const ws = new VirtualWs();
  await ws.upWithBook();
  const whole = createSignalEngine({ strategies: [breakout], release: 'r' });
  const start = Math.ceil(ws.clock.nowMs() / MINUTE) * MINUTE;
  return {
    ws,
    whole,
    trade: (price: string): void => {
      const time = ws.clock.nowMs();
      ws.venue.trade(SYMBOL, price, time);
      whole.onTrade({ symbol: SYMBOL, price: parseDecimal(price), time, receivedAt: time });
    },
    at: async (ms: number) => await ws.clock.advance(start + ms - ws.clock.nowMs()),
  };
}

/** The engine after the trades that ws published. */
function published({ trades }: VirtualWs): SignalEngine {
  const engine = createSignalEngine({ strategies: [breakout], release: 'r' });
  for (const trade of trades) engine.onTrade(tradeMessage.parse(trade));
  return engine;
}

const stance = (engine: SignalEngine) => engine.records()[0]?.stance;

/** The high of the fifth minute, 2.50, is traded while no connection is open; 2.20 is above every other price. */
async function breakoutAfterCut(tradesLimit: number) {
  const one = await market();
  const { ws, trade, at } = one;
  ws.venue.tradesLimit = tradesLimit;
  for (let minute = 0; minute < 4; minute += 1) {
    await at(minute * MINUTE + 1_000);
    trade('2.00');
    await at(minute * MINUTE + 30_000);
    trade('2.05');
  }
  await at(4 * MINUTE + 5_000);
  trade('2.00');
  ws.venue.down = true;
  ws.venue.cut();
  await ws.clock.advance(200);
  for (const price of ['2.50', '2.40', '2.30']) trade(price);
  await ws.clock.advance(3_000);
  ws.venue.down = false;
  await ws.clock.advance(15_000);
  trade('2.05');
  for (let minute = 5; minute < 8; minute += 1) {
    await at(minute * MINUTE + 5_000);
    trade('2.20');
  }
  await ws.clock.advance(2_000);
  await ws.stop();
  return one;
}

test('a cut of a few seconds changes no bar and no stance', async () => {
  const { ws, whole } = await breakoutAfterCut(1_000);
  const engine = published(ws);
  expect(stance(whole)).toBe('Flat');
  expect(engine.records()).toEqual(whole.records());
  expect(engine.strategies[0]?.incomplete).toBe(0);
});

test('a cut that the list of the venue cannot bridge opens no position by a false breakout', async () => {
  const { ws, whole } = await breakoutAfterCut(2);
  const engine = published(ws);
  expect(engine.strategies[0]?.incomplete).toBe(1);
  expect([stance(engine), stance(whole)]).toEqual(['Flat', 'Flat']);
});
