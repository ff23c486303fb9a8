import { describe, expect, it } from 'vitest';
import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { decided, obeying, withPods, withSpec } from '../../../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, NOW_MS, tradingReports, writtenBy } from '../../../../../test/fixtures/stack-observation.ts';
import type { Observation } from '../../observe/observation.ts';
import { planTrading } from '../plan-trading.ts';
import { recordRequest } from './record-request.ts';
import type { TradingRequest } from './requests.ts';

const shows = (state: TradingRequest['state'], ...managers: string[]): TradingRequest => ({
  source: 'spec',
  field: 'spec.halt',
  state,
  managers: writtenBy(...managers),
  reason: 'spec.halt',
});
const record = (state: SourceStatus['state'], author: string): SourceStatus => ({
  source: 'spec',
  state,
  author,
  reason: 'spec.halt',
  revision: 4,
  since: '2025-12-31T00:00:00.000Z',
});
const PERSON = 'kubectl-patch';
const ARGO = 'argocd-controller';

describe('the authors of a halt', () => {
  const byTool = recordRequest(undefined, shows('Halted', ARGO), NOW_MS).record;
  const both = recordRequest(byTool, shows('Halted', ARGO, PERSON), NOW_MS).record;

  it('are the tool that set it and the person who set it too, in a new revision', () => {
    expect(both).toEqual({ ...byTool, author: `${PERSON}, ${ARGO}`, revision: 2 });
    expect(recordRequest(both, shows('Halted', ARGO, PERSON), NOW_MS).record).toBe(both);
  });

  it('must not all be tools for it to stay: the tool does not lift what a person asked for as well', () => {
    expect(recordRequest(both, shows('Active', ARGO), NOW_MS).record).toEqual(both);
    expect(recordRequest(both, shows('Active', 'kubectl-edit'), NOW_MS).record).toMatchObject({
      state: 'Active',
      author: 'kubectl-edit',
      revision: 3,
    });
  });

  it('that wrote it together are kept together', () => {
    const { record: together } = recordRequest(undefined, shows('Halted', ARGO, 'kubectl-edit', PERSON), NOW_MS);
    expect(together?.author).toBe(`kubectl-edit, ${PERSON}, ${ARGO}`);
    expect(recordRequest(together, shows('Active', ARGO), NOW_MS).record?.state).toBe('Halted');
  });

  it('do not grow with tools, nor for a source that requests nothing', () => {
    const byPerson = record('Halted', PERSON);
    expect(recordRequest(byPerson, shows('Halted', ARGO), NOW_MS).record).toBe(byPerson);
    const lifted = record('Active', ARGO);
    expect(recordRequest(lifted, shows('Active', PERSON), NOW_MS).record).toBe(lifted);
  });

  it('fit the status, with whole names and persons first', () => {
    const tools = Array.from({ length: 5 }, (_, index) => `tool-${index}-${'x'.repeat(60)}`);
    const { author = '' } = recordRequest(undefined, shows('Halted', ...tools, PERSON), NOW_MS).record ?? {};
    expect(author).toBe([PERSON, ...tools.slice(0, 2)].join(', '));
  });
});

/** The commands to risk and to both pods of execution. */
const allOf = (command: object): readonly object[] => [command, command, command];

it('sends another author only once the status has it, so that a lift counts although the status was not written', () => {
  const byTool = (observation: Observation, ...names: string[]): Observation => {
    const { stack } = observation;
    return { ...observation, stack: { ...stack, managers: { ...stack.managers, halt: writtenBy(...names) } } };
  };
  const halting = byTool(withSpec(runningStack(), { halt: true }), 'argocd-controller');
  const halted = obeying(afterDecision(halting, decideFor(halting)));
  const both = byTool(halted, 'argocd-controller', 'kubectl-edit');
  expect(planTrading(both)).toMatchObject({ records: [{ revision: 2 }], commands: [] });
  const late = withPods(both, tradingReports({ state: 'Active', sources: [], persisted: true }));
  expect(planTrading(late).commands).toMatchObject(allOf({ request: { revision: 1 } }));
  const recorded = afterDecision(both, decideFor(both));
  expect(planTrading(recorded).commands).toMatchObject(allOf({ request: { revision: 2 } }));
  const lifting = byTool(withSpec(both, { halt: false }), 'kubectl-edit');
  expect(decided(lifting).trading?.sources).toMatchObject([{ state: 'Active', revision: 2 }]);
});
