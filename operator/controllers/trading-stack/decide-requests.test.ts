import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TradingStatus } from '../../../services/shared/contracts/control.ts';
import { isMoreRestrictive, mostRestrictive, TRADING_STATES } from '../../../services/shared/domain/trading-state.ts';
import { TRADING_STATE_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { SILENT, conditionOf, decided, obeying, withPods, withSpec } from '../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, tradingReports } from '../../../test/fixtures/stack-observation.ts';
import type { Observation } from './observe/observation.ts';
import { planTrading } from './trading/plan-trading.ts';
import { OPERATOR_SOURCES } from './trading/requests/requests.ts';

const running = runningStack();

describe('a request', () => {
  const reports = (trading: Partial<TradingStatus>): Observation =>
    withPods(running, tradingReports({ state: 'Active', sources: [], persisted: true, ...trading }));
  const source = { author: 'x', reason: 'r', sinceMs: 0 };

  it('of an annotation is recorded beside the spec, and the most restrictive applies', () => {
    const annotated = withSpec(running, { tradingState: 'Reducing' });
    const { stack } = annotated;
    const halted = { ...annotated, stack: { ...stack, annotations: { [TRADING_STATE_ANNOTATION]: 'Halted' } } };
    const status = decided(obeying(halted));
    expect(status.trading?.sources.map((each) => [each.source, each.state, each.author])).toEqual([
      ['annotation', 'Halted', 'kubectl-annotate'],
      ['spec-state', 'Reducing', 'kubectl-patch'],
    ]);
    expect(status.halt).toMatchObject({ active: true, by: 'annotation' });
  });

  it('stays when the annotation is removed, and is lifted by the value Active', () => {
    const annotations = { [TRADING_STATE_ANNOTATION]: 'Halted' };
    const halting = { ...running, stack: { ...running.stack, annotations } };
    const halted = obeying(afterDecision(halting, decideFor(halting)));
    const { managers } = halted.stack;
    const removed = {
      ...halted,
      stack: { ...halted.stack, annotations: {}, managers: { ...managers, annotation: [] } },
    };
    expect(decided(removed)).toMatchObject({ halt: { active: true } });
    expect(decided(removed).trading?.ignored).toContain('does not lift the Halted set by kubectl-annotate');
    const lifted = { ...halted, stack: { ...halted.stack, annotations: { [TRADING_STATE_ANNOTATION]: 'Active' } } };
    expect(decided(lifted).trading?.sources).toMatchObject([{ source: 'annotation', state: 'Active', revision: 2 }]);
    expect(decided(obeying(lifted)).trading).toMatchObject({ requested: 'Active' });
  });

  it('is lifted in the processes only after the status has recorded the lift', () => {
    const halting = withSpec(running, { halt: true });
    const halted = obeying(afterDecision(halting, decideFor(halting)));
    const lifting = withSpec(halted, { halt: false });
    expect(planTrading(lifting).commands).toEqual([]);
    const recorded = afterDecision(lifting, decideFor(lifting));
    expect(recorded.stack.status, 'until the processes obey').toMatchObject({
      trading: { requested: 'Halted', state: 'Halted' },
      halt: { active: true, by: 'the processes' },
    });
    expect(planTrading(recorded).commands.map(({ request }) => [request.state, request.revision])).toEqual([
      ['Active', 2],
      ['Active', 2],
      ['Active', 2],
    ]);
  });

  it('that only the processes know, such as a row of the database, is shown and never commanded', () => {
    const console = { source: 'console', state: 'Halted', revision: 0, ...source } as const;
    const halted = reports({ state: 'Halted', sources: [console] });
    expect(planTrading(halted).commands).toEqual([]);
    const status = decided(halted);
    expect(status).toMatchObject({ halt: { active: true, by: 'console' }, trading: { requested: 'Halted' } });
    expect(conditionOf(status, 'Halted')).toBe('True HaltRequested');
    const known = afterDecision(halted, decideFor(halted));
    for (const pods of [[], withPods(known, (pod) => ({ ...pod, ...SILENT })).pods])
      expect(decided({ ...known, pods }), 'nobody says that it was lifted').toMatchObject({
        halt: { active: false, by: 'console' },
        trading: { requested: 'Halted', state: 'Unknown' },
      });
    const lifted = withPods(known, tradingReports({ state: 'Active', sources: [], persisted: true }));
    expect(decided(lifted).trading).toMatchObject({ requested: 'Active', state: 'Active' });
  });

  it.each(OPERATOR_SOURCES)('in a row by hand with the name of the source %s counts as what it says', (name) => {
    const since = '2026-01-01T00:00:00.000Z';
    const stored = { source: name, state: 'Active', author: 'kubectl-patch', reason: '', revision: 2, since } as const;
    const row = { ...source, source: name, state: 'Halted', revision: 2 } as const;
    const halted = reports({ state: 'Halted', sources: [row] });
    const managers = { halt: [], flatten: [], tradingState: [], annotation: [] };
    const trading = { state: 'Active' as const, requested: 'Active' as const, since, sources: [stored] };
    const stack = { ...halted.stack, managers, status: { ...halted.stack.status, trading } };
    const status = decided({ ...halted, stack });
    expect(status).toMatchObject({
      trading: { requested: 'Halted', state: 'Halted' },
      halt: { active: true, by: name },
    });
    expect(conditionOf(status, 'Halted')).toBe('True HaltRequested');
    expect(planTrading({ ...halted, stack }).commands).toEqual([]);
  });

  it('is never shown as less restrictive than what a process reports, whatever the name of its source', () => {
    const state = fc.constantFrom(...TRADING_STATES);
    const reported = fc.record({
      source: fc.constantFrom(...OPERATOR_SOURCES, 'desk'),
      state,
      revision: fc.nat({ max: 4 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(reported, { selector: (each) => each.source }), fc.boolean(), (sources, halt) => {
        const states = sources.map((each) => each.state);
        const trading = { state: mostRestrictive(states), sources: sources.map((each) => ({ ...source, ...each })) };
        const { requested = 'Active' } = decided(withSpec(reports(trading), { halt })).trading ?? {};
        for (const each of states) expect(isMoreRestrictive(each, requested)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('counts even if there are more sources than the status can list', () => {
    const sources = Array.from({ length: 60 }, (_, index) => ({
      ...source,
      source: `row-${index}`,
      revision: 0,
      state: index === 59 ? ('Halted' as const) : ('Active' as const),
    }));
    const status = decided(reports({ state: 'Halted', sources }));
    expect(status.trading).toMatchObject({ requested: 'Halted' });
    expect(status.trading?.sources).toHaveLength(40);
  });
});
