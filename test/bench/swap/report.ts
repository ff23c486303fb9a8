import type { BenchOutput } from '../bench.ts';
import type { Spread, SwapFigures } from './swap-figures.ts';

/** Goals in milliseconds. Those of the gap hold at 20 orders a second. */
const GOALS = 'goals p50/p99: hand-over 50/250, gap 120/500, whole swap 15000, rollback warm -/500, cold -/10000';

/** Prints a line for each way to swap the sender, by its name. */
export function printFigures(all: Readonly<Record<string, SwapFigures>>, { say }: Pick<BenchOutput, 'say'>): void {
  say(
    line('p50/p99/max ms', [
      'swaps',
      'overlap',
      'unsent',
      'not drained',
      'gap',
      'hand-over',
      'rollback warm',
      'rollback cold',
    ]),
  );
  for (const [name, figures] of Object.entries(all)) {
    const { swaps, overlap, neverSent, notDrained, gapMs, handOverMs, rollbackMs } = figures;
    const spreads = [gapMs, handOverMs, rollbackMs.warm, rollbackMs.cold].map(textOf);
    say(line(name, [...[swaps, overlap, neverSent, notDrained ?? 'none'].map(String), ...spreads]));
  }
  for (const [name, { failure }] of Object.entries(all)) if (failure !== null) say(`${name}: ended by ${failure}`);
  say(line('of the hand-over', ['', '', '', '', 'drain', 'fence', 'activate', 'first order']));
  for (const [name, { parts, handOverMs }] of Object.entries(all)) {
    if (handOverMs.n === 0) continue;
    const { drainMs, fenceMs, activateMs, firstOrderMs } = parts;
    say(line(name, ['', '', '', '', ...[drainMs, fenceMs, activateMs, firstOrderMs].map(textOf)]));
  }
  say(GOALS);
}

function line(name: string, cells: readonly string[]): string {
  const counts = cells.slice(0, 4).map((text, index) => text.padStart(index === 3 ? 11 : 7));
  const spreads = cells.slice(4);
  return [name.padEnd(18), ...counts, ...spreads.map((text) => text.padStart(20))].join(' ');
}

function textOf({ p50, p99, max }: Spread): string {
  return p50 === null ? 'none' : `${p50}/${p99}/${max}`;
}
