import { describe, expect, it } from 'vitest';
import type { TradingStatus } from '../../../services/shared/contracts/control.ts';
import { SILENT, conditionOf, decided, messageOf, withPods, withSpec } from '../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, tradingReports } from '../../../test/fixtures/stack-observation.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { Observation } from './observe/observation.ts';
import { planTrading } from './trading/plan-trading.ts';

const running = runningStack();
const reports = (trading: Partial<TradingStatus>): Observation =>
  withPods(running, tradingReports({ state: 'Active', sources: [], persisted: true, ...trading }));

describe('a request that the status has lost', () => {
  const sinceMs = Date.UTC(2026, 0, 1, 12);
  const spec = {
    source: 'spec',
    state: 'Halted',
    revision: 7,
    author: 'kubectl-patch',
    reason: 'spec.halt',
    sinceMs,
  } as const;
  const reported = reports({ state: 'Halted', sources: [spec] });
  /** The resource shows a halt or none, by an owner who last wrote at `atMs` to any field of it. */
  const showing = (observation: Observation, halt: boolean, name: string, atMs: number): Observation => {
    const { stack } = withSpec(observation, { halt });
    const managers = { ...stack.managers, halt: [{ name, atMs }] };
    return { ...observation, nowMs: Math.max(observation.nowMs, atMs), stack: { ...stack, managers } };
  };
  const lost = { ...reported, nowMs: sinceMs + 60_000, stack: { ...reported.stack, status: {} } };
  const later = (seconds: number): number => lost.nowMs + seconds * 1_000;
  const recorded = (observation: Observation): Observation => afterDecision(observation, decideFor(observation));
  const sourcesOf = ({ stack }: Observation) => stack.status.trading?.sources;
  const HALTED = { source: 'spec', state: 'Halted', revision: 7 };

  it.each<[string, number]>([
    ['an hour before the halt', sinceMs - 3_600_000],
    ['after it, as by a patch of another field', sinceMs + 5_000],
  ])('is not lifted by a restored resource whose owner last wrote %s', (_what, atMs) => {
    const restored = recorded(showing(lost, false, 'kubectl-patch', atMs));
    expect(sourcesOf(restored)).toMatchObject([{ ...HALTED, unshown: true }]);
    const { status } = restored.stack;
    expect(conditionOf(status, 'Halted')).toBe('True HaltRequested');
    expect(messageOf(status, 'Halted')).toMatch(
      /because the resource has not shown it yet; to lift it, a person sets spec.halt to true and then to false$/,
    );
    expect(planTrading(restored).commands).toEqual([]);
    const patched = recorded(showing(restored, false, 'kubectl-patch', later(60)));
    expect(sourcesOf(patched)).toMatchObject([{ ...HALTED, unshown: true }]);
  });

  it('is lifted once the resource has shown it and a person sets the field back', () => {
    const restored = recorded(showing(lost, false, 'kubectl-patch', sinceMs - 3_600_000));
    const halted = recorded(showing(restored, true, 'kubectl-patch', later(60)));
    expect(sourcesOf(halted)).toMatchObject([HALTED]);
    expect(sourcesOf(halted)?.[0]).not.toHaveProperty('unshown');
    expect(halted.stack.status.trading).not.toHaveProperty('ignored');
    const lifted = recorded(showing(halted, false, 'kubectl-patch', later(120)));
    expect(sourcesOf(lifted)).toMatchObject([{ source: 'spec', state: 'Active', revision: 8 }]);
    expect(planTrading(lifted).commands.map(({ request }) => request.state)).toEqual(['Active', 'Active', 'Active']);
  });

  it('is lifted at once if this operator has seen the resource show it, although no status was written meanwhile', () => {
    const halting = showing(lost, true, 'kubectl-patch', later(60));
    const seen = planTrading(halting).records;
    const lifting = showing(halting, false, 'kubectl-patch', later(61));
    expect(sourcesOf(recorded(lifting))).toMatchObject([{ ...HALTED, unshown: true }]);
    const known = recorded({ ...lifting, stack: { ...lifting.stack, seen } });
    expect(sourcesOf(known)).toMatchObject([{ source: 'spec', state: 'Active', revision: 8 }]);
    // Although the status has the halt as one that was not shown.
    const { status } = recorded(lost).stack;
    const late = recorded({ ...lifting, stack: { ...lifting.stack, seen, status } });
    expect(sourcesOf(late)).toMatchObject([{ source: 'spec', state: 'Active', revision: 8 }]);
  });

  it('is shown at once by a resource that still requests it, as after a status that could not be written', () => {
    const restarted = recorded(showing(lost, true, 'kubectl-patch', sinceMs));
    expect(sourcesOf(restarted)).toMatchObject([HALTED]);
    expect(sourcesOf(restarted)?.[0]).not.toHaveProperty('unshown');
    expect(sourcesOf(recorded(showing(restarted, false, 'helm', later(5))))).toMatchObject([HALTED]);
    const lifted = recorded(showing(restarted, false, 'kubectl-patch', later(5)));
    expect(sourcesOf(lifted)).toMatchObject([{ state: 'Active', revision: 8 }]);
  });

  it('is newer than a restored lift of an earlier halt, and than a restored halt', () => {
    for (const state of ['Active', 'Halted'] as const) {
      const since = new Date(sinceMs - 7_200_000).toISOString();
      const before = { source: 'spec', state, author: 'kubectl-patch', reason: '', revision: 6, since } as const;
      const trading = { state, requested: state, since, sources: [before] };
      const restored = { ...lost, stack: { ...lost.stack, status: { trading } } };
      const status = decided(showing(restored, false, 'kubectl-patch', later(60)));
      expect(status.trading?.sources, state).toMatchObject([{ ...HALTED, unshown: true }]);
    }
  });

  it('stays unshown in a status that is read again, while the processes are silent, and after they answer', () => {
    const restored = recorded(showing(lost, false, 'kubectl-patch', later(60)));
    const { stack } = restored;
    const reread = { ...restored, stack: { ...stack, status: readStatus(stack.status) } };
    const silent = recorded(withPods(reread, (pod) => ({ ...pod, ...SILENT })));
    for (const observation of [silent, recorded({ ...silent, pods: restored.pods })])
      expect(sourcesOf(observation)).toMatchObject([{ ...HALTED, unshown: true }]);
  });

  it('is sent to a process that lacks it, without the mark', () => {
    const restored = recorded(showing(lost, false, 'kubectl-patch', later(60)));
    const lacking = withPods(restored, (pod) =>
      pod.service === 'risk' ? tradingReports({ state: 'Active', sources: [], persisted: true })(pod) : pod,
    );
    const [command] = planTrading(lacking).commands;
    expect(command).toMatchObject({ service: 'risk', request: HALTED });
    expect(command?.request).not.toHaveProperty('unshown');
  });

  it('is lifted as before if no value of its field can show it', () => {
    const row = { ...spec, source: 'spec-flatten' } as const;
    const observation = { ...lost, pods: reports({ state: 'Halted', sources: [row] }).pods };
    expect(decided(observation).trading?.sources).toMatchObject([
      { source: 'spec-flatten', state: 'Active', revision: 8 },
    ]);
  });
});
