import type { BenchOutput } from '../bench.ts';
import type { Summary } from '../statistics.ts';
import type { ReconcileResult } from './measure-reconciles.ts';
import type { ProgramFigures } from './reconcile-figures.ts';

/** A goal of the operator, and what was measured. Null where there were no samples: then it is not reached. */
interface Goal {
  readonly what: string;
  readonly goal: number;
  readonly measured: number | null;
}

/** Prints both programs side by side, and the goals. Returns the figures of both, and their ratios. */
export function reportOf({ ours, informerLoop }: ReconcileResult, { say }: Pick<BenchOutput, 'say'>) {
  const { convergence } = ours;
  const { each } = convergence;
  say(
    `${convergence.stacks} stacks converged in ${convergence.allMs} ms, each in p50 ${each.p50Ms}, p99 ${each.p99Ms} ms, ` +
      `with ${convergence.writesPerStack} writes each, ${convergence.writesPerSecond}/s`,
  );
  say(`writes: ${countsOf(convergence.byKind)}`);
  say(row('', 'operator', 'informer loop'));
  for (const [what, figure] of ROWS) say(row(what, figure(ours), figure(informerLoop)));
  say(`idle requests: operator ${countsOf(ours.idle.byKind)}; informer loop ${countsOf(informerLoop.idle.byKind)}`);
  const goals = goalsOf(ours);
  const missed = goals.filter(({ goal, measured }) => measured === null || measured > goal);
  for (const { what, goal, measured } of missed) say(`missed: ${what} is ${measured ?? 'unknown'}, goal ${goal}`);
  say(`${goals.length - missed.length} of ${goals.length} goals reached`);
  return {
    ours,
    peers: { 'informer-loop': informerLoop },
    ratio: {
      firstWriteP50: ratioOf(ours.edits.firstWrite?.p50Ms, informerLoop.edits.firstWrite?.p50Ms),
      firstWriteP99: ratioOf(ours.edits.firstWrite?.p99Ms, informerLoop.edits.firstWrite?.p99Ms),
      repairedP50: ratioOf(ours.drifts.repaired?.p50Ms, informerLoop.drifts.repaired?.p50Ms),
      memory: ratioOf(ours.memory.lastMiB, informerLoop.memory.lastMiB),
      connectionsPer1000Calls: ratioOf(ours.connectionsPer1000Calls, informerLoop.connectionsPer1000Calls),
    },
    missed: missed.map(({ what }) => what),
  };
}

/** Of the 100 stacks that the goals are set for. A goal that depends on their number is not scaled to fewer. */
function goalsOf({
  convergence,
  edits,
  drifts,
  idle,
  memory,
  connectionsPer1000Calls,
}: ReconcileResult['ours']): Goal[] {
  const { unanswered } = edits;
  return [
    { what: 'event to first write, p50 ms', goal: 5, measured: edits.firstWrite?.p50Ms ?? null },
    { what: 'event to first write, p99 ms', goal: 50, measured: edits.firstWrite?.p99Ms ?? null },
    { what: 'edits and drifts without an answer', goal: 0, measured: unanswered + drifts.unanswered },
    { what: 'drift repaired, p99 ms', goal: 1_000, measured: drifts.repaired?.p99Ms ?? null },
    { what: 'all stacks converged, ms', goal: 10_000, measured: convergence.allMs },
    { what: 'writes per second while they converge', goal: 20, measured: convergence.writesPerSecond },
    { what: 'writes while idle', goal: 0, measured: idle.writes },
    { what: 'requests per idle stack and second', goal: 0.1, measured: idle.requestsPerStackSecond },
    { what: 'connections per 1,000 calls', goal: 4, measured: connectionsPer1000Calls },
    { what: 'memory, MiB', goal: 256, measured: memory.maxMiB },
  ];
}

const ROWS: readonly (readonly [string, (figures: ProgramFigures) => string])[] = [
  ['edits without an answer', ({ edits }) => `${edits.unanswered} of ${edits.changes}`],
  ['event to first write, p50/p99/max ms', ({ edits }) => spreadOf(edits.firstWrite)],
  ['drifts without an answer', ({ drifts }) => `${drifts.unanswered} of ${drifts.changes}`],
  ['drift to the write answered, p50/p99/max ms', ({ drifts }) => spreadOf(drifts.repaired)],
  ['idle, seconds', ({ idle }) => String(idle.seconds)],
  ['idle, requests per stack and second', ({ idle }) => String(idle.requestsPerStackSecond)],
  ['idle, writes per stack and second', ({ idle }) => String(idle.writesPerStackSecond)],
  ['idle, % of a core', ({ idle }) => textOf(idle.cpuPercent)],
  ['calls', ({ calls }) => String(calls)],
  ['connections, per 1,000 calls', (figures) => `${figures.connections}, ${textOf(figures.connectionsPer1000Calls)}`],
  ['memory first/max/last MiB', ({ memory }) => [memory.firstMiB, memory.maxMiB, memory.lastMiB].map(textOf).join('/')],
  ['memory while idle, MiB per 10 minutes', ({ memory }) => textOf(memory.slopeMiBPer10Minutes)],
];

const COLUMNS = { what: 46, ours: 36 } as const;

function row(what: string, ours: string, peer: string): string {
  return `${what.padEnd(COLUMNS.what)}${ours.padEnd(COLUMNS.ours)}${peer}`.trimEnd();
}

function spreadOf(summary: Summary | null): string {
  return summary === null ? 'none' : `${summary.p50Ms}/${summary.p99Ms}/${summary.maxMs}`;
}

function textOf(value: number | null): string {
  return value === null ? 'none' : String(value);
}

function countsOf(byKind: Readonly<Record<string, number>>): string {
  const counts = Object.entries(byKind).map(([kind, count]) => `${count} ${kind}`);
  return counts.length === 0 ? 'none' : counts.join(', ');
}

function ratioOf(ours: number | null | undefined, reference: number | null | undefined): number | null {
  if (typeof ours !== 'number' || typeof reference !== 'number' || reference === 0) return null;
  return Number((ours / reference).toFixed(3));
}
