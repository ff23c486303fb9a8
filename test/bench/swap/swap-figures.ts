import { percentile } from '../statistics.ts';
import type { SwapSample } from './swap-sample.ts';

/** Milliseconds; null without samples. */
export interface Spread {
  readonly n: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export type SwapFigures = ReturnType<typeof figuresOf>;

export interface Measured {
  readonly samples: readonly SwapSample[];
  /** Orders, and those of them that ended without being sent. */
  readonly orders: number;
  readonly neverSent: number;
  /** Why the series ended before its last swap; null if it did not. */
  readonly failure: string | null;
}

/** Returns the figures of one way to swap a sender. A rollback is a swap: the trigger until the other version sends. */
export function figuresOf({ samples, orders, neverSent, failure }: Measured) {
  const handOvers = samples.flatMap(({ handOver }) => handOver ?? []);
  const wholeMs = (start: SwapSample['start']): Spread =>
    spreadOf(samples.filter((sample) => sample.start === start).map((sample) => sample.wholeMs));
  return {
    swaps: samples.length,
    orders,
    neverSent,
    failure,
    overlap: samples.reduce((sum, { overlap }) => sum + overlap, 0),
    /** Hand-overs whose old sender had not released the fence by the deadline; null where none was asked to drain. */
    notDrained: handOvers.length === 0 ? null : handOvers.filter(({ drained }) => !drained).length,
    gapMs: spreadOf(samples.map(({ gapMs }) => gapMs)),
    handOverMs: spreadOf(handOvers.map(({ handOverMs }) => handOverMs)),
    parts: {
      drainMs: spreadOf(handOvers.map(({ drainMs }) => drainMs)),
      fenceMs: spreadOf(handOvers.map(({ fenceMs }) => fenceMs)),
      activateMs: spreadOf(handOvers.map(({ activateMs }) => activateMs)),
      firstOrderMs: spreadOf(samples.flatMap(({ firstOrderMs }) => firstOrderMs ?? [])),
    },
    rollbackMs: { warm: wholeMs('warm'), cold: wholeMs('cold') },
  };
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { n: 0, p50: null, p99: null, max: null };
  const [p50, p99, max] = [0.5, 0.99, 1].map((part) => percentile(values, part));
  return { n: values.length, p50: p50 ?? null, p99: p99 ?? null, max: max ?? null };
}
