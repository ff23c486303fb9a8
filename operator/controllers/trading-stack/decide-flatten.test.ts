import { describe, expect, it } from 'vitest';
import type { FlattenStatus } from '../../../services/shared/contracts/statusz.ts';
import { conditionOf, decided, messageOf, obeying, withPods, withSpec } from '../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, obeyed, tradingReports, writtenBy } from '../../../test/fixtures/stack-observation.ts';
import { TRADING_STATE_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';
import { planTrading } from './trading/plan-trading.ts';

const running = runningStack();
const flattening = recordedWith({ flatten: true });
const stale = { strategy: 'trend', symbol: 'XRP/ETH', reason: 'FeedStale', message: 'the order book is 5001 ms old' };
const own = { source: 'flatten', state: 'Halted', author: 'risk', reason: 'closed', revision: 1, sinceMs: 0 } as const;

/** The spec was recorded by a reconcile, and the processes obey it. */
function recordedWith(spec: object): Observation {
  const asked = withSpec(running, spec);
  return obeying(afterDecision(asked, decideFor(asked)));
}

function reporting(flatten: FlattenStatus | null) {
  return (pod: ObservedPod): ObservedPod =>
    pod.service === 'risk' && pod.answer.kind === 'Answered'
      ? { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, flatten } } }
      : pod;
}

function haltedMessage(observation: Observation): string {
  return messageOf(decided(observation), 'Halted');
}

describe('spec.flatten', () => {
  it('requests Flattening of risk and execution, from a source of its own, and changes no object', () => {
    const asked = withSpec(running, { flatten: true });
    expect(planTrading(asked).commands.map(({ service, request }) => [service, request.source, request.state])).toEqual(
      [
        ['risk', 'spec-flatten', 'Flattening'],
        ['execution', 'spec-flatten', 'Flattening'],
        ['execution', 'spec-flatten', 'Flattening'],
      ],
    );
    expect(decideFor(asked).objects).toEqual(decideFor(running).objects);
  });

  it('that is not a boolean halts, and the resource says what is wrong', () => {
    const asked = withSpec(running, { flatten: 'yes' });
    expect(planTrading(asked).commands.map(({ request }) => [request.source, request.state])).toEqual([
      ['spec-flatten', 'Halted'],
      ['spec-flatten', 'Halted'],
      ['spec-flatten', 'Halted'],
    ]);
    expect(conditionOf(decided(asked), 'Stalled')).toBe('True InvalidSpec');
    expect(messageOf(decided(asked), 'Stalled')).toContain('flatten');
    const { sources = [] } = decided(asked).trading ?? {};
    expect(sources).toMatchObject([{ source: 'spec-flatten', reason: 'spec.flatten is neither true nor false' }]);
  });

  it('has the reason that the person gave for it', () => {
    const { stack } = withSpec(running, { flatten: true });
    const { trading } = decided({ ...running, stack: { ...stack, flattenReason: 'flash crash (by ada)' } });
    expect(trading?.sources).toMatchObject([{ source: 'spec-flatten', reason: 'flash crash (by ada)' }]);
  });

  it.each<[string, readonly string[], string]>([
    ['a person', ['kubectl-patch'], 'Active'],
    ['a deployment tool', ['argocd-controller'], 'Flattening'],
    ['a manifest without the field', [], 'Flattening'],
  ])('that a person set and %s shows as false applies as %s', (_who, managers, state) => {
    const lifting = withSpec(flattening, { flatten: false });
    const { stack } = lifting;
    const shown = { ...lifting, stack: { ...stack, managers: { ...stack.managers, flatten: writtenBy(...managers) } } };
    const { trading } = decided(shown);
    expect(trading?.sources.find(({ source }) => source === 'spec-flatten')?.state).toBe(state);
    expect(trading?.ignored !== undefined).toBe(state !== 'Active');
    expect(decided(obeying(shown)).trading?.requested).toBe(state);
  });
});

it('reads Flattening from the annotation', () => {
  const annotations = { [TRADING_STATE_ANNOTATION]: 'Flattening' };
  const asked = { ...running, stack: { ...running.stack, annotations } };
  expect(planTrading(asked).commands.map(({ request }) => `${request.source} ${request.state}`)).toEqual([
    'annotation Flattening',
    'annotation Flattening',
    'annotation Flattening',
  ]);
});

describe('the condition Halted', () => {
  it('is False with the counts and the first problem while positions are being closed', () => {
    const status = decided(withPods(flattening, reporting({ openPositions: 3, problems: [stale] })));
    expect(conditionOf(status, 'Halted')).toBe('False FlatteningRequested');
    expect(messageOf(status, 'Halted')).toBe(
      'requested by spec-flatten; open positions: 3, problems: 1; trend XRP/ETH: FeedStale - the order book is 5001 ms old',
    );
    expect(messageOf(status, 'Ready')).toMatch(/^flattening: positions are being closed; release/);
    expect(status).toMatchObject({
      halt: { active: false },
      trading: { state: 'Flattening', requested: 'Flattening' },
    });
  });

  it('has the problem that the release of risk which decides reports, also beside one that is armed', () => {
    const report = (role: 'armed' | 'active', reason: string) => (pod: ObservedPod) => {
      const activation = { role, epoch: 3, release: 'r' };
      const said = reporting({ openPositions: 1, problems: [{ ...stale, reason }] })(pod);
      return said.answer.kind === 'Answered'
        ? { ...said, name: role, answer: { ...said.answer, statusz: { ...said.answer.statusz, activation } } }
        : said;
    };
    const beside = flattening.pods.flatMap((pod) =>
      pod.service === 'risk' ? [report('armed', 'SignalsUnread')(pod), report('active', 'ExitRejected')(pod)] : [pod],
    );
    expect(haltedMessage({ ...flattening, pods: beside })).toContain('ExitRejected');
  });

  it('says that the number is not reported yet, instead of none', () => {
    expect(haltedMessage(flattening)).toContain('not reported yet');
    expect(haltedMessage(withPods(flattening, reporting({ openPositions: 0, problems: [] })))).toBe(
      'requested by spec-flatten; open positions: 0, problems: 0',
    );
  });

  it('names the process that is not flattening yet', () => {
    const half = withPods(withSpec(running, { flatten: true }), (pod) =>
      pod.service === 'risk' ? tradingReports(obeyed(flattening))(pod) : pod,
    );
    expect(haltedMessage(half)).toBe('demo-execution-1 reports Active');
  });

  it('does not change because a problem grows older, but with each count', () => {
    const first = withPods(flattening, reporting({ openPositions: 3, problems: [stale] }));
    const after = afterDecision(first, decideFor(first));
    const older = { ...stale, message: 'the order book is 9042 ms old' };
    const say = (flatten: FlattenStatus) => haltedMessage(withPods(after, reporting(flatten)));
    expect(say({ openPositions: 3, problems: [older] })).toContain('5001 ms');
    expect(say({ openPositions: 2, problems: [older] })).toMatch(/open positions: 2, .* 9042 ms/);
    expect(say({ openPositions: 3, problems: [older, stale] })).toMatch(/problems: 2; .* 9042 ms/);
  });

  it.each<[string, object]>([
    ['first', { halt: true }],
    ['and the state', { tradingState: 'Halted' }],
  ])('says that Flattening waits for the end of a halt: %s', (_what, halt) => {
    const waits =
      'Flattening, requested by spec-flatten, waits for the end of the halt: no position is sold until then';
    const unheard = withSpec(running, { flatten: true, ...halt });
    expect(conditionOf(decided(unheard), 'Halted')).toBe('False HaltPending');
    expect(haltedMessage(unheard)).toContain(waits);
    const status = decided(recordedWith({ flatten: true, ...halt }));
    expect(conditionOf(status, 'Halted')).toBe('True HaltRequested');
    expect(messageOf(status, 'Halted')).toContain(waits);
  });

  it('says of a halt without Flattening, and of one that followed a finished sale, that nothing waits', () => {
    expect(haltedMessage(recordedWith({ halt: true }))).not.toContain('waits');
    const sources = [...obeyed(flattening).sources, own];
    const sold = withPods(flattening, tradingReports({ state: 'Halted', sources, persisted: true }));
    expect(haltedMessage(sold)).not.toContain('waits');
  });

  it('is True by flatten once risk has halted, pending until execution has, and False after the lift', () => {
    const sources = [...obeyed(flattening).sources, own];
    const halted = tradingReports({ state: 'Halted', sources, persisted: true });
    const half = withPods(flattening, (pod) => (pod.service === 'risk' ? halted(pod) : pod));
    expect(conditionOf(decided(half), 'Halted')).toBe('False HaltPending');
    const status = decided(withPods(flattening, halted));
    expect(conditionOf(status, 'Halted')).toBe('True HaltRequested');
    expect(status.halt).toMatchObject({ active: true, by: 'flatten' });
    const lifting = withSpec(flattening, { flatten: false });
    const lifted = afterDecision(lifting, decideFor(lifting));
    const active = { ...own, state: 'Active', revision: 2 } as const;
    const reports = tradingReports({ ...obeyed(lifted), sources: [...obeyed(lifted).sources, active] });
    expect(conditionOf(decided(withPods(lifted, reports)), 'Halted')).toBe('False NotHalted');
  });
});
