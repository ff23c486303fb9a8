import { describe, expect, it } from 'vitest';
import {
  SILENT,
  conditionOf,
  decided,
  messageOf,
  obeying,
  ofExecution,
  withPods,
  withSpec,
} from '../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, newObjects, obeyed, tradingReports } from '../../../test/fixtures/stack-observation.ts';
import type { ObservedPod } from './observe/observation.ts';
import { planTrading } from './trading/plan-trading.ts';

const running = runningStack();

describe('a halt', () => {
  it('is a command to risk and execution, and changes neither an object nor the release', () => {
    const halting = withSpec(running, { halt: true });
    const { commands } = planTrading(halting);
    expect(commands.map(({ service, request }) => [service, request.source, request.state])).toEqual([
      ['risk', 'spec', 'Halted'],
      ['execution', 'spec', 'Halted'],
      ['execution', 'spec', 'Halted'],
    ]);
    const decision = decideFor(halting);
    expect(newObjects(halting, decision)).toEqual([]);
    expect(decision.status?.release).toEqual(running.stack.status.release);
  });

  it('is pending until every process reports it, then confirmed, and the stack still runs', () => {
    const halting = withSpec(running, { halt: true });
    const pending = decided(halting);
    expect(pending.halt).toMatchObject({ active: false, by: 'spec' });
    expect(conditionOf(pending, 'Halted')).toBe('False HaltPending');
    const confirmed = decided(obeying(afterDecision(halting, decideFor(halting))));
    expect(confirmed).toMatchObject({ phase: 'Running', halt: { active: true, since: pending.halt?.since } });
    expect(conditionOf(confirmed, 'Halted')).toBe('True HaltRequested');
    expect(messageOf(confirmed, 'Ready')).toMatch(/^halted: no new orders are sent; release [0-9a-f]{16} runs/);
  });

  it('names the process that does not obey, and why', () => {
    const problem = { reason: 'CommandRefused', message: 'HTTP 401: the control token is missing or wrong' };
    const halting = withPods(withSpec(running, { halt: true }), ofExecution({ command: problem }));
    const half = withPods(halting, (pod) => (pod.service === 'risk' ? tradingReports(obeyed(halting))(pod) : pod));
    expect(messageOf(decided(half), 'Halted')).toBe(
      'requested by spec; demo-execution-1 reports Active: CommandRefused - HTTP 401: the control token is missing ' +
        'or wrong',
    );
  });

  it.each<[string, (pod: ObservedPod) => ObservedPod]>([
    ['does not answer', ofExecution(SILENT)],
    ['reports no trading state, as an older release', tradingReports(undefined)],
  ])('is Unknown while a process %s', (_what, change) => {
    const halted = obeying(withSpec(running, { halt: true }));
    const status = decided(withPods(halted, change));
    expect(conditionOf(status, 'Halted')).toBe('Unknown HaltUnconfirmed');
    expect(status).toMatchObject({ halt: { active: false }, trading: { state: 'Unknown', requested: 'Halted' } });
  });

  it('has lasted since the first request of those that still apply', () => {
    const at = (sinceMs: number) => ({ state: 'Halted', author: 'ada', reason: '', revision: 1, sinceMs }) as const;
    const [first, second] = [running.nowMs - 60_000, running.nowMs - 30_000];
    const sources = [
      { ...at(second), source: 'desk' },
      { ...at(first), source: 'night' },
    ];
    const since = (of: typeof sources) =>
      decided(withPods(running, tradingReports({ state: 'Halted', sources: of, persisted: true }))).halt?.since;
    expect(since(sources)).toBe(new Date(first).toISOString());
    expect(since(sources.slice(0, 1))).toBe(new Date(second).toISOString());
  });

  it('is sent at once although the status has an earlier request of its source', () => {
    for (const [before, sent] of [
      ['Active', ['Halted', 'Halted', 'Halted']],
      ['Reducing', ['Halted', 'Halted', 'Halted']],
    ] as const) {
      const since = '2025-12-31T00:00:00.000Z';
      const record = { source: 'spec', state: before, author: 'kubectl-patch', reason: '', revision: 4, since };
      const trading = { state: before, requested: before, since, sources: [record] };
      const stack = { ...running.stack, status: { ...running.stack.status, trading } };
      const { commands } = planTrading(withSpec({ ...running, stack }, { halt: true }));
      expect(commands.map(({ request }) => request.state)).toEqual(sent);
    }
  });

  it('is not confirmed without any process of execution or of risk', () => {
    const halted = obeying(withSpec(running, { halt: true }));
    for (const gone of ['execution', 'risk']) {
      const status = decided({ ...halted, pods: halted.pods.filter(({ service }) => service !== gone) });
      expect(status.halt).toMatchObject({ active: false });
      expect(messageOf(status, 'Halted')).toContain(`no process of ${gone} answers`);
    }
  });

  it('is not confirmed while a terminating pod still reports that it trades', () => {
    const halted = obeying(withSpec(running, { halt: true }));
    const old = running.pods
      .filter(({ service }) => service === 'risk')
      .map((pod) => ({ ...pod, name: 'demo-risk-old', uid: 'old', deleting: true }));
    const status = decided({ ...halted, pods: [...halted.pods, ...old] });
    expect(status).toMatchObject({ halt: { active: false }, trading: { state: 'Active' } });
    expect(messageOf(status, 'Halted')).toContain('demo-risk-old reports Active');
    expect(planTrading({ ...halted, pods: [...halted.pods, ...old] }).commands.map(({ pod }) => pod)).toEqual([
      'demo-risk-old',
    ]);
  });
});

describe('the condition Halted', () => {
  const silentExecution = ofExecution(SILENT);

  it.each(['Active', 'Reducing', 'Flattening'] as const)(
    'is Unknown while nothing more than %s is requested and a process is silent: it may have been halted elsewhere',
    (state) => {
      const spec = state === 'Flattening' ? { flatten: true } : { tradingState: state };
      const status = decided(withPods(obeying(withSpec(running, spec)), silentExecution));
      expect(conditionOf(status, 'Halted')).toBe('Unknown StateUnknown');
      expect(messageOf(status, 'Halted')).toContain('demo-execution-1: timed out');
    },
  );

  it('keeps its message while only the age of the silence grows', () => {
    const aged = (ms: number) => ofExecution({ answer: { kind: 'Silent', message: `no answer for ${ms} ms` } });
    const first = withPods(running, aged(6_000));
    const later = withPods(afterDecision(first, decideFor(first)), aged(7_000));
    expect(messageOf(decided(later), 'Halted')).toBe(messageOf(decided(first), 'Halted'));
  });
});

it('says who requests that positions are only reduced', () => {
  const status = decided(obeying(withSpec(running, { tradingState: 'Reducing' })));
  expect(conditionOf(status, 'Halted')).toBe('False ReducingRequested');
  expect(messageOf(status, 'Halted')).toBe('only orders that reduce a position are sent; requested by spec-state');
});

it('commands the most restrictive state of a process first', () => {
  const { commands } = planTrading(withSpec(running, { halt: true, tradingState: 'Reducing' }));
  expect(commands.filter(({ service }) => service === 'risk').map(({ request }) => request.state)).toEqual([
    'Halted',
    'Reducing',
  ]);
});
