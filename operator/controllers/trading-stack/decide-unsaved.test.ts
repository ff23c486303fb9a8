import { describe, expect, it } from 'vitest';
import type { TradingStatus } from '../../../services/shared/contracts/control.ts';
import type { TradingState } from '../../../services/shared/domain/trading-state.ts';
import {
  SILENT,
  conditionOf,
  decided,
  messageOf,
  ofExecution,
  withPods,
} from '../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, senderReports, tradingReports } from '../../../test/fixtures/stack-observation.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { Observation } from './observe/observation.ts';
import { planTrading } from './trading/plan-trading.ts';

/** A person halted execution in its pod while the database was down: no other process and no record has it. */
const REVISION = 1_700_000_000_000;
const byHand = (state: TradingState, revision = REVISION) =>
  ({ source: 'command', state, author: 'ada', reason: 'by hand', revision, sinceMs: 0 }) as const;
const report = (state: TradingState, persisted: boolean, revision?: number): TradingStatus => ({
  state,
  sources: [byHand(state, revision)],
  persisted,
});
const ofService = (base: Observation, service: string, trading: TradingStatus): Observation =>
  withPods(base, (pod) => (pod.service === service ? tradingReports(trading)(pod) : pod));
const applied = (observation: Observation): Observation => afterDecision(observation, decideFor(observation));

const halted = applied(ofService(runningStack(), 'execution', report('Halted', false)));
const NOTHING_KNOWN: TradingStatus = { state: 'Active', sources: [], persisted: true };
/** Its pod was replaced, and the database is back without the halt. */
const replaced = withPods(halted, (pod) =>
  pod.service === 'execution'
    ? { ...tradingReports(NOTHING_KNOWN)(senderReports('armed', 0, 1)(pod)), uid: 'new' }
    : pod,
);
const commandsIn = (observation: Observation): readonly string[] =>
  planTrading(observation).commands.map(({ service, request }) => `${service} ${request.source} ${request.state}`);

describe('a halt that only a process has', () => {
  it('is shown with who, when, and that it is not saved', () => {
    const { status } = halted.stack;
    const { sinceMs: _sinceMs, ...request } = byHand('Halted');
    expect(status.trading?.sources).toEqual([{ ...request, since: '1970-01-01T00:00:00.000Z', unsaved: true }]);
    expect(messageOf(status, 'Halted')).toContain('not in the database yet, the operator keeps it: command by ada');
  });

  it('is sent to every process that does not have it, with the same author, reason and revision', () => {
    expect(commandsIn(halted)).toEqual(['risk command Halted']);
    const command = planTrading(replaced).commands.find(({ service }) => service === 'execution');
    const { sinceMs: _sinceMs, ...request } = byHand('Halted');
    expect(command).toMatchObject({ uid: 'new', request: { ...request, copied: true } });
    expect(Object.keys(command?.request ?? {}).sort()).toEqual([
      'author',
      'copied',
      'reason',
      'revision',
      'source',
      'state',
    ]);
  });

  it('outlives its pod and the operator: no sender is activated before it reports the halt', () => {
    expect(conditionOf(decided(replaced), 'Halted')).toBe('False HaltPending');
    const restarted = { ...replaced, stack: { ...replaced.stack, status: readStatus(replaced.stack.status) } };
    const recorded = applied(restarted);
    expect(recorded.stack.status.trading).toMatchObject({ requested: 'Halted', sources: [{ unsaved: true }] });
    expect(decideFor(recorded).activate).toBeUndefined();
    const obeyed = withPods(recorded, tradingReports(report('Halted', false)));
    expect(commandsIn(obeyed)).toEqual([]);
    expect(decideFor(obeyed).activate).toMatchObject({ uid: 'new' });
  });

  it('is kept while every process is silent or gone', () => {
    for (const pods of [[], withPods(halted, (pod) => ({ ...pod, ...SILENT })).pods])
      expect(decided({ ...halted, pods }).trading?.sources).toMatchObject([{ source: 'command', unsaved: true }]);
  });

  it('is not sent to a process that has not answered, which may have learned of its lift meanwhile', () => {
    expect(commandsIn(withPods(replaced, ofExecution(SILENT)))).not.toContain('execution command Halted');
  });

  it.each<[string, Observation]>([
    ['the database has it', withPods(replaced, tradingReports(report('Halted', true)))],
    ['the database has a newer halt', withPods(replaced, tradingReports(report('Halted', true, REVISION + 1)))],
  ])('is no longer marked once %s', (_what, saved) => {
    const { sources } = decided(saved).trading ?? {};
    expect(sources).toMatchObject([{ source: 'command', state: 'Halted' }]);
    expect(sources?.[0]).not.toHaveProperty('unsaved');
    expect(commandsIn(applied(saved))).toEqual([]);
  });

  it.each<[string, TradingStatus]>([
    ['its source lifts it in one process', report('Active', false, REVISION + 1)],
    ['the database has a row of the same revision that lifts it', report('Active', true)],
  ])('ends once %s', (_what, trading) => {
    const lifted = ofService(replaced, 'execution', trading);
    expect(decided(lifted).trading).toMatchObject({ requested: 'Active' });
    expect(commandsIn(applied(lifted))).toEqual([]);
  });

  it.each<[string, TradingStatus]>([
    ['an unsaved state of the same revision', report('Active', false)],
    ['an unsaved state of a lower revision', report('Active', false, REVISION - 1)],
    ['a record of a lower revision', report('Active', true, REVISION - 1)],
    ['a record without the source', NOTHING_KNOWN],
  ])('is not ended by %s', (_what, trading) => {
    const other = ofService(replaced, 'execution', trading);
    expect(decided(other).trading?.sources).toMatchObject([{ state: 'Halted', unsaved: true }]);
    expect(commandsIn(other)).toContain('execution command Halted');
  });

  it('is sent although the status lists at most 40 sources', () => {
    const rows = Array.from({ length: 60 }, (_, index) => ({ ...byHand('Halted', 0), source: `row-${index}` }));
    const many = withPods(replaced, tradingReports({ state: 'Halted', sources: rows, persisted: true }));
    expect(decided(many).trading?.sources).toContainEqual(
      expect.objectContaining({ source: 'command', unsaved: true }),
    );
  });
});

describe('an unsaved Reducing', () => {
  const reducing = applied(ofService(runningStack(), 'execution', report('Reducing', false)));

  it('is sent to a process that answers, and never to a silent one, which may hold a halt of the source', () => {
    expect(commandsIn(reducing)).toEqual(['risk command Reducing']);
    expect(commandsIn(withPods(reducing, (pod) => ({ ...pod, ...SILENT })))).toEqual([]);
  });

  it('lifts no halt of its source in another process', () => {
    const other = ofService(reducing, 'risk', report('Halted', true, REVISION - 1));
    expect(commandsIn(other)).toEqual([]);
  });
});

it('neither keeps nor sends a request that the database has, nor a state that restricts nothing', () => {
  for (const trading of [report('Halted', true), report('Active', false)]) {
    const known = applied(ofService(runningStack(), 'execution', trading));
    expect(commandsIn(known)).toEqual([]);
    const without = withPods(known, tradingReports(NOTHING_KNOWN));
    expect(decided(without).trading).toMatchObject({ requested: 'Active', sources: [] });
  }
});

it('does not keep a row of the database, which has no revision, although no process reports it as saved', () => {
  const row: TradingStatus = {
    state: 'Halted',
    sources: [{ ...byHand('Halted', 0), source: 'desk' }],
    persisted: false,
  };
  const known = applied(ofService(runningStack(), 'execution', row));
  const [source] = known.stack.status.trading?.sources ?? [];
  expect(source).toMatchObject({ source: 'desk', state: 'Halted' });
  expect(source).not.toHaveProperty('unsaved');
  expect(commandsIn(known)).toEqual([]);
});
