import { expect, it } from 'vitest';
import { sampleSettings, sampleTape } from '../../../test/simulation/sample-settings.ts';
import { fromTicks } from '../../shared/domain/instrument.ts';
import type { Stance } from '../../shared/domain/stance.ts';
import type { BarTrade } from './bars.ts';
import type { EmaCrossRule } from './ema-cross.ts';
import { createSignalEngine } from './signal-engine.ts';

// A chart has exact averages over its whole history. Ours look back four times their length, and are rounded.

interface Rule extends EmaCrossRule {
  readonly barSeconds: number;
}

interface ChartBar {
  readonly closeTime: number;
  readonly stance: Stance;
  /** Whether the two averages differ by less than 0.001 %. */
  readonly isTied: boolean;
}

/** An exact number, top / bottom. */
interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

const SYMBOL = 'XRP/ETH';
/** A multiple of each bar length. */
const BEGAN_MS = Date.UTC(2026, 0, 1);
const trades = recordedTrades();

it.each([
  [60, 5, 20],
  [60, 12, 26],
  [60, 20, 50],
  [60, 50, 200],
  [300, 5, 20],
  [300, 9, 21],
  [300, 12, 26],
  [300, 20, 50],
  [900, 5, 20],
])('averages of bars of %i s, over %i and %i of them, cross where those of a chart do', (...numbers) => {
  const [barSeconds, fastBars, slowBars] = numbers;
  const rule = { barSeconds, fastBars, slowBars };
  const chart = chartOf(rule);
  const ours = stancesOf(rule);
  expect(chart.filter(({ closeTime }) => !ours.has(closeTime))).toEqual([]);
  const differs = chart.map(({ closeTime, stance }) => ours.get(closeTime) !== stance);
  expect(chart.filter(({ isTied }, index) => differs[index] === true && !isTied)).toEqual([]);
  // None is more than one bar off.
  expect(differs.filter((one, index) => one && differs[index + 1] === true)).toEqual([]);
  const crosses = chart.filter(({ stance }, index) => index > 0 && chart[index - 1]?.stance !== stance);
  expect(crosses.length).toBeGreaterThan(4 * differs.filter(Boolean).length);
});

function recordedTrades(): readonly BarTrade[] {
  const settings = sampleSettings();
  const [instrument] = settings.simulator.instruments;
  if (instrument === undefined) throw new Error('the sample has no instrument');
  return sampleTape(settings).trades.map(({ offsetMs, price }) => {
    const time = BEGAN_MS + offsetMs;
    return { price: fromTicks(price, instrument), time, receivedAt: time };
  });
}

/** Returns the stances that the service publishes, by the end of their period. */
function stancesOf(rule: Rule): ReadonlyMap<number, Stance> {
  const settings = { kind: 'EmaCross' as const, name: 'cross', symbols: [SYMBOL], ...rule };
  const engine = createSignalEngine({ strategies: [settings], release: 'test' });
  const signals = trades.flatMap((trade) => engine.onTrade({ symbol: SYMBOL, ...trade }));
  return new Map(signals.map(({ barClose, stance }) => [barClose, stance]));
}

/** Returns each bar of the tape from the first one that a cross may be at. */
function chartOf({ barSeconds, fastBars, slowBars }: Rule): readonly ChartBar[] {
  const closes = closesOf(barSeconds * 1_000);
  const prices = [...closes.values()];
  const [fast, slow] = [fastBars, slowBars].map((length) => exactAverages(prices, length));
  const bars: ChartBar[] = [];
  let stance: Stance = 'Flat';
  let wasAbove = true;
  for (const [index, closeTime] of [...closes.keys()].entries()) {
    const [a, b] = [fast?.[index], slow?.[index]];
    if (a === undefined || b === undefined) continue;
    const spread = a.top * b.bottom - b.top * a.bottom;
    if (spread > 0n && !wasAbove) stance = 'Long';
    if (spread < 0n) stance = 'Flat';
    wasAbove = spread > 0n;
    const isTied = 100_000n * (spread < 0n ? 0n - spread : spread) < b.top * a.bottom;
    bars.push({ closeTime, stance, isTied });
  }
  return bars.slice(1);
}

/** Returns the last price of each period with trades, by its end. The first and the last period are not whole. */
function closesOf(barMs: number): ReadonlyMap<number, bigint> {
  const closes = trades.map(({ time, price }) => [(Math.floor(time / barMs) + 1) * barMs, price] as const);
  return new Map([...new Map(closes)].slice(1, -1));
}

/** By index of the price: the mean of the first `length` prices, from which each later one takes 2 / (length + 1). */
function exactAverages(prices: readonly bigint[], length: number): readonly (Fraction | undefined)[] {
  const size = BigInt(length);
  let top = 0n;
  let bottom = size;
  return prices.map((price, index) => {
    if (index < length) {
      top += price;
      return index === length - 1 ? { top, bottom } : undefined;
    }
    top = top * (size - 1n) + 2n * price * bottom;
    bottom *= size + 1n;
    return { top, bottom };
  });
}
