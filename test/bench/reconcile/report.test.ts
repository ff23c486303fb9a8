import { expect, it } from 'vitest';
import { summaryOf } from '../statistics.ts';
import type { ConvergenceFigures, ProgramFigures } from './reconcile-figures.ts';
import { reportOf } from './report.ts';

function program(change: Partial<ProgramFigures> = {}): ProgramFigures {
  return {
    edits: { changes: 2, unanswered: 0, firstWrite: summaryOf([2, 4]) },
    drifts: { changes: 2, unanswered: 0, repaired: summaryOf([10, 20]) },
    idle: {
      seconds: 60,
      requests: 0,
      writes: 0,
      requestsPerStackSecond: 0,
      writesPerStackSecond: 0,
      byKind: {},
      cpuPercent: 3,
    },
    memory: { firstMiB: 100, maxMiB: 120, lastMiB: 110, slopeMiBPer10Minutes: 0 },
    connectionsPer1000Calls: 2,
    connections: 20,
    calls: 10_000,
    ...change,
  };
}

const convergence: ConvergenceFigures = {
  stacks: 100,
  allMs: 9_000,
  each: summaryOf([8_000, 9_000]),
  writes: 180,
  writesPerSecond: 20,
  writesPerStack: 1.8,
  byKind: { 'patch services': 180 },
};

function report(
  ours: Partial<ProgramFigures & { convergence: ConvergenceFigures }>,
  peer: Partial<ProgramFigures> = {},
) {
  const lines: string[] = [];
  const result = { ours: { convergence, ...program(), ...ours }, informerLoop: program(peer) };
  return { lines, ...reportOf(result, { say: (text) => void lines.push(text) }) };
}

it('shows both programs, and that all goals are reached', () => {
  const { lines, missed } = report({}, { edits: { changes: 2, unanswered: 1, firstWrite: null } });
  expect(missed).toEqual([]);
  expect(lines.at(-1)).toBe('10 of 10 goals reached');
  expect(lines.find((line) => line.startsWith('event to first write'))).toMatch(/ 2\/4\/4 +none$/);
  expect(lines.find((line) => line.startsWith('edits without an answer'))).toMatch(/0 of 2 +1 of 2$/);
});

it.each<[string, Partial<ProgramFigures & { convergence: ConvergenceFigures }>]>([
  ['event to first write, p50 ms', { edits: { changes: 3, unanswered: 0, firstWrite: summaryOf([6, 6, 6]) } }],
  ['event to first write, p99 ms', { edits: { changes: 3, unanswered: 0, firstWrite: summaryOf([1, 1, 51]) } }],
  ['edits and drifts without an answer', { drifts: { changes: 1, unanswered: 1, repaired: summaryOf([1]) } }],
  ['drift repaired, p99 ms', { drifts: { changes: 1, unanswered: 0, repaired: summaryOf([1_001]) } }],
  ['all stacks converged, ms', { convergence: { ...convergence, allMs: 10_001 } }],
  ['writes per second while they converge', { convergence: { ...convergence, writesPerSecond: 21 } }],
  ['writes while idle', { idle: { ...program().idle, writes: 1 } }],
  ['requests per idle stack and second', { idle: { ...program().idle, requestsPerStackSecond: 0.11 } }],
  ['connections per 1,000 calls', { connectionsPer1000Calls: 4.1 }],
  ['memory, MiB', { memory: { ...program().memory, maxMiB: 257 } }],
])('says that the goal for %s is missed', (what, ours) => {
  const { lines, missed } = report(ours);
  expect(missed).toEqual([what]);
  expect(lines.some((line) => line.startsWith(`missed: ${what} is `))).toBe(true);
  expect(lines.at(-1)).toBe('9 of 10 goals reached');
});

it('misses a goal without samples', () => {
  expect(report({ connectionsPer1000Calls: null }).missed).toEqual(['connections per 1,000 calls']);
});

it('compares both, and has no ratio where one of them has no figure', () => {
  const { ratio } = report({}, { edits: { changes: 1, unanswered: 0, firstWrite: summaryOf([4]) }, connections: 0 });
  expect(ratio).toMatchObject({ firstWriteP50: 0.5, firstWriteP99: 1, repairedP50: 1, memory: 1 });
  expect(report({}, { connectionsPer1000Calls: null }).ratio.connectionsPer1000Calls).toBeNull();
});
