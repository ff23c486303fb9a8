import { beforeAll, describe, expect, it } from 'vitest';
import { QUIET_NETWORK } from '../../services/replay/core/network.ts';
import { runReplay } from '../../services/replay/run-replay.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import { problemsOf } from './evidence.ts';

const settings = sampleSettings();
const tape = sampleTape(settings);
const run = async () => {
  const started = performance.now();
  const result = await runReplay({ settings, tape, network: QUIET_NETWORK });
  return { ...result, seconds: (performance.now() - started) / 1_000 };
};

describe('simulation of the whole tape, from signal to venue', () => {
  let first: Awaited<ReturnType<typeof run>>;
  let second: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    first = await run();
    second = await run();
  }, 240_000);

  it('gives the same decisions, orders and books in both runs', () => {
    for (const { seconds, events, facts, counts, digest } of [first, second]) {
      const speed = Math.round(events / seconds);
      const pace = `${events} events in ${seconds.toFixed(1)} s, ${speed} a second`;
      const line = `${pace}: ${counts.trades} trades, ${counts.books} books`;
      process.stdout.write(`simulation: ${line}, ${counts.signals} signals, ${facts} facts, digest ${digest}\n`);
    }
    expect(second.digest).toBe(first.digest);
    expect(second.facts).toBe(first.facts);
    expect(second.events).toBe(first.events);
  });

  it('plays every trade of the tape, and never rebuilds the book', () => {
    expect(tape.trades).toHaveLength(12_477);
    expect(first.counts.trades).toBeGreaterThanOrEqual(12_477);
    expect(first.rebuilds).toBe(0);
  });

  it('sends more than 300 orders, and fills both sides as maker and taker', () => {
    const { orders, store } = first.record;
    expect(orders.length).toBeGreaterThan(300);
    expect(orders.filter(({ state }) => state.kind === 'Filled').length).toBeGreaterThan(100);
    expect(new Set(store.fills.all.map(({ side }) => side))).toEqual(new Set(['buy', 'sell']));
    expect(new Set(store.fills.all.map(({ maker }) => maker))).toEqual(new Set([true, false]));
  });

  it('keeps the invariants, and a ledger that equals the venue to the last digit', () => {
    expect(problemsOf(first, { endBoundMs: 1_000 })).toEqual([]);
    expect(first.record.lateFills).toBe(0);
    expect(first.record.store.ledger()).toEqual(first.venue.holdings());
  });
});
