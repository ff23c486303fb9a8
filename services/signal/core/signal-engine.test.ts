import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { StrategySettings } from '../../shared/contracts/services/signal.ts';
import type { StanceRecord } from './stance-record.ts';
import { signalMessage, type SignalPayload } from '../../shared/contracts/messages/signal.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { createSignalEngine, type EngineTrade, type SignalEngine } from './signal-engine.ts';

const strategies: readonly StrategySettings[] = [
  { name: 'breakout', kind: 'Donchian', symbols: ['XRP/ETH', 'ADA/ETH'], barSeconds: 1, entryBars: 3, exitBars: 2 },
  { name: 'cross', kind: 'EmaCross', symbols: ['XRP/ETH'], barSeconds: 2, fastBars: 2, slowBars: 4 },
];

describe('signal engine', () => {
  test('publishes the stance at each bar once warm, and when it changed', () => {
    const engine = newEngine();
    const prices = [9, 5, 5, 5, 6, 7, 6, 4, 4];
    const signals = prices.flatMap((price, second) => [...engine.onTrade(trade('ADA/ETH', second * 1_000, price))]);
    expect(signals.map(({ id, stance, changedAt, referencePrice }) => [id, stance, changedAt, referencePrice])).toEqual(
      [
        ['breakout:ADA/ETH:5000', 'Long', 5_000, '6'],
        ['breakout:ADA/ETH:6000', 'Long', 5_000, '7'],
        ['breakout:ADA/ETH:7000', 'Long', 5_000, '6'],
        ['breakout:ADA/ETH:8000', 'Flat', 8_000, '4'],
      ],
    );
    for (const signal of signals) expect(() => z.strictObject(signalMessage.shape).parse(signal)).not.toThrow();
  });

  test('repeats the stance over a quiet period, and feeds no channel with quiet periods', () => {
    const engine = newEngine();
    for (const [second, price] of [9, 5, 5, 5, 6].entries()) engine.onTrade(trade('ADA/ETH', second * 1_000, price));
    expect(engine.onClock(6_000).map(({ id }) => id)).toEqual(['breakout:ADA/ETH:5000']);
    expect(engine.onClock(30_000).map(({ id, stance, changedAt }) => [id, stance, changedAt])).toEqual([
      ['breakout:ADA/ETH:29000', 'Long', 5_000],
    ]);
    // The lows of the last two real bars are 5 and 6: a close of 5 is not below both, however long the silence was.
    engine.onTrade(trade('ADA/ETH', 30_500, 5));
    expect(engine.onClock(33_000)[0]).toMatchObject({ id: 'breakout:ADA/ETH:31000', stance: 'Long' });
  });

  test('ignores trades of other symbols', () => {
    expect(newEngine().onTrade(trade('BTC/USDT', 5_000, 1))).toEqual([]);
  });

  test('holds a restored stance until the strategy has enough bars', () => {
    const engine = newEngine();
    const record = {
      strategy: 'breakout',
      symbol: 'ADA/ETH',
      stance: 'Long',
      changedAt: 1_000,
      barClose: 2_000,
    } as const;
    engine.restore({ ...record, fingerprint: 'Donchian 1 3 2' });
    const signals = [0, 1, 2, 3].flatMap((second) => [...engine.onTrade(trade('ADA/ETH', second * 1_000, 5))]);
    expect(signals.map(({ id, stance, changedAt }) => [id, stance, changedAt])).toEqual([
      ['breakout:ADA/ETH:3000', 'Long', 1_000],
    ]);
  });

  test('shows how long a restored stance stays unexamined on hourly bars', () => {
    const cross: StrategySettings = {
      name: 'cross',
      kind: 'EmaCross',
      symbols: ['X/USDT'],
      barSeconds: 3_600,
      fastBars: 5,
      slowBars: 20,
    };
    const engine = createSignalEngine({ strategies: [cross], release: 'r1' });
    const record = { strategy: 'cross', symbol: 'X/USDT', stance: 'Long', changedAt: 1, barClose: 2 } as const;
    engine.restore({ ...record, fingerprint: 'EmaCross 3600 5 20' });
    const hour = 3_600_000;
    for (let at = 0; at < 22; at += 1) {
      const [view] = engine.strategies;
      expect(view).toMatchObject({ bars: Math.max(0, at - 2), warmUp: 21, stance: 'Long' });
      engine.onTrade(trade('X/USDT', (1_000 + at) * hour, 100 - 3 * at));
    }
  });

  test('ignores a stored stance of a changed rule or an unknown strategy', () => {
    const engine = newEngine();
    const record = { symbol: 'ADA/ETH', stance: 'Long', changedAt: 1_000, barClose: 2_000 } as const;
    engine.restore({ ...record, strategy: 'breakout', fingerprint: 'Donchian 1 4 2' });
    engine.restore({ ...record, strategy: 'removed', fingerprint: 'Donchian 1 3 2' });
    expect(engine.records()).toEqual([]);
  });
});

describe('signal engine, for any trades', () => {
  test('gives the same signals for the same trades, byte for byte', () => {
    fc.assert(
      fc.property(tapes, (tape) => {
        expect(JSON.stringify(play(newEngine(), tape))).toBe(JSON.stringify(play(newEngine(), tape)));
      }),
    );
  });

  test('has no look-ahead: later trades do not change the signals of closed bars', () => {
    fc.assert(
      fc.property(tapes, tapes, fc.nat(), (tape, other, at) => {
        const cut = at % (tape.length + 1);
        const past = tape.slice(0, cut);
        const last = past.at(-1)?.time ?? 0;
        const future = other.map((item) => ({ ...item, time: item.time + last, receivedAt: item.receivedAt + last }));
        const pastSignals = play(newEngine(), past);
        expect(play(newEngine(), [...past, ...future]).slice(0, pastSignals.length)).toEqual(pastSignals);
      }),
    );
  });

  test('has the same stances after a restart that replays the history, and then gives the same signals', () => {
    fc.assert(
      fc.property(tapes, fc.nat(), (tape, at) => {
        const cut = at % (tape.length + 1);
        const unbroken = newEngine();
        play(unbroken, tape.slice(0, cut));
        const restarted = newEngine();
        play(restarted, tape.slice(0, cut));
        expect(restarted.records()).toEqual(unbroken.records());
        expect(play(restarted, tape.slice(cut))).toEqual(play(unbroken, tape.slice(cut)));
      }),
    );
  });

  test('reaches the same stances with a clock and in a replay without one', () => {
    fc.assert(
      fc.property(tapes, fc.array(fc.nat({ max: 5_000 })), (tape, waits) => {
        const live = newEngine();
        for (const [index, item] of tape.entries()) {
          // The clock may show any time up to the receipt of the next trade.
          live.onClock(Math.min(item.receivedAt, (tape[index - 1]?.receivedAt ?? 0) + (waits[index] ?? 0)));
          live.onTrade(item);
        }
        const replayed = newEngine();
        play(replayed, tape);
        const end = (tape.at(-1)?.receivedAt ?? 0) + 10_000;
        live.onClock(end);
        replayed.onClock(end);
        expect(replayed.records()).toEqual(live.records());
      }),
    );
  });

  test('keeps its stances after a restart with half the history, and gives the same signals with enough bars', () => {
    let compared = 0;
    fc.assert(
      fc.property(tapes, fc.nat(), (tape, at) => {
        const cut = at % (tape.length + 1);
        const unbroken = newEngine();
        play(unbroken, tape.slice(0, cut));
        const restarted = newEngine();
        for (const record of unbroken.records()) restarted.restore(record);
        play(restarted, tape.slice(Math.floor(cut / 2), cut));
        expect(restarted.records().filter(isHeldBy(unbroken))).toEqual(unbroken.records());
        const ada = restarted.series.find(({ symbol }) => symbol === 'ADA/ETH');
        // Four closed bars decide the breakout.
        if (ada === undefined || ada.bars < 4) return;
        compared += 1;
        const rest = tape.slice(cut).filter(({ symbol }) => symbol === 'ADA/ETH');
        expect(play(restarted, rest)).toEqual(play(unbroken, rest));
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(20);
  });
});

function isHeldBy(engine: SignalEngine): (record: StanceRecord) => boolean {
  const held = new Set(engine.records().map(({ strategy, symbol }) => `${strategy}:${symbol}`));
  return ({ strategy, symbol }) => held.has(`${strategy}:${symbol}`);
}

const tapes = fc
  .array(
    fc.record({
      wait: fc.oneof(fc.nat({ max: 900 }), fc.nat({ max: 6_000 })),
      delay: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 2_500 })),
      price: fc.integer({ min: 1, max: 12 }),
      symbol: fc.constantFrom('XRP/ETH', 'ADA/ETH'),
      /** Trades of the symbol that are missing before this one. */
      missing: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
    }),
    { maxLength: 80, size: 'max' },
  )
  .map((steps) => {
    let receivedAt = 100_000;
    const last = new Map<string, number>();
    return steps.map(({ wait, delay, price, symbol, missing }): EngineTrade => {
      receivedAt += wait;
      const seq = (last.get(symbol) ?? 0) + 1 + missing;
      last.set(symbol, seq);
      const numbered = { symbol, producer: 'ws-1', seq };
      return { ...numbered, price: parseDecimal(String(price)), time: receivedAt - delay, receivedAt };
    });
  });

function newEngine(): SignalEngine {
  return createSignalEngine({ strategies, release: 'r1', graceMs: 500 });
}

function play(engine: SignalEngine, tape: readonly EngineTrade[]): readonly SignalPayload[] {
  return tape.flatMap((item) => [...engine.onTrade(item)]);
}

function trade(symbol: string, time: number, price: number): EngineTrade {
  return { symbol, time, receivedAt: time, price: parseDecimal(String(price)) };
}
