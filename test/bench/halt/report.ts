import type { BenchOutput, BenchResult } from '../bench.ts';
import { percentile } from '../statistics.ts';
import type { HaltSample } from './halt-round.ts';
import type { Series } from './measure-halts.ts';

/** Goals: entries after the event of the API server; cancellations five instruments a second, and a second besides. */
const GOAL_ENTRIES_MS = 100;
const GOAL_CANCELS_MS = 1_000;
const INSTRUMENTS_PER_SECOND = 5;

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Prints a line for each series and returns the figures. Those of the stack are those without an obstacle. */
export function reportOf(all: readonly Series[], { say }: Pick<BenchOutput, 'say'>): BenchResult {
  say(HEADING);
  for (const series of all) say(lineOf(series));
  const plain = all.filter(({ obstacle }) => obstacle === undefined);
  const hindered = all.filter(({ obstacle }) => obstacle !== undefined);
  return {
    ...figuresOf(plain.flatMap(({ samples }) => samples)),
    instruments: Object.fromEntries(plain.map(({ instruments, samples }) => [instruments, figuresOf(samples)])),
    obstacles: Object.fromEntries(hindered.map(({ obstacle, samples }) => [obstacle, figuresOf(samples)])),
    ordersAfterHalt: ordersAfterHalt(all.flatMap(({ samples }) => samples)),
  };
}

function figuresOf(samples: readonly HaltSample[]) {
  const of = (name: keyof HaltSample): Figures => summarised(samples.map((sample) => sample[name]));
  return {
    n: samples.length,
    entriesStoppedMs: of('entriesStoppedMs'),
    entriesAfterEventMs: of('entriesAfterEventMs'),
    confirmedMs: of('confirmedMs'),
    cancelsConfirmedMs: of('cancelsConfirmedMs'),
    ordersAfterHalt: ordersAfterHalt(samples),
  };
}

function ordersAfterHalt(samples: readonly HaltSample[]): number {
  return samples.reduce((sum, sample) => sum + sample.ordersAfterHalt, 0);
}

function summarised(values: readonly number[]): Figures {
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: percentile(values, 1) };
}

const HEADING = [
  'instruments obstacle            n  after halt',
  ...['entries stopped', 'after the event', 'halt confirmed', 'cancels confirmed'].map((name) => name.padStart(20)),
  ' p50/p99/max ms',
].join(' ');

function lineOf({ instruments, obstacle, samples }: Series): string {
  const { n, ordersAfterHalt: after, ...figures } = figuresOf(samples);
  const { entriesStoppedMs, entriesAfterEventMs, confirmedMs, cancelsConfirmedMs } = figures;
  const goalMs = GOAL_CANCELS_MS + (1_000 * instruments) / INSTRUMENTS_PER_SECOND;
  const missed = [
    ...(entriesAfterEventMs.p99 > GOAL_ENTRIES_MS ? [`entries above ${GOAL_ENTRIES_MS} ms`] : []),
    ...(cancelsConfirmedMs.p99 > goalMs ? [`cancels above ${goalMs} ms`] : []),
  ];
  return [
    String(instruments).padStart(11),
    (obstacle ?? 'none').padEnd(17),
    String(n).padStart(4),
    String(after).padStart(11),
    ...[entriesStoppedMs, entriesAfterEventMs, confirmedMs, cancelsConfirmedMs].map(cellOf),
    missed.length === 0 ? '' : ` missed: ${missed.join(', ')}`,
  ].join(' ');
}

function cellOf({ p50, p99, max }: Figures): string {
  return `${p50}/${p99}/${max}`.padStart(20);
}
