import { describe, expect, it } from 'vitest';
import { ago, NOW_MS, runningStatus } from '../../../test/fixtures/plugin-report.ts';
import type { SourceStatus, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { flattenProgress, haltProgress, resumeProgress, withdrawalProgress } from './request-progress.ts';

const source = (name: string, state: SourceStatus['state']): SourceStatus => ({
  source: name,
  state,
  author: 'ada',
  reason: '',
  revision: 1,
  since: ago(5),
});
const trading = (state: 'Active' | 'Halted' | 'Unknown', ...sources: SourceStatus[]): TradingStackStatus => ({
  trading: {
    state,
    requested: sources.some((each) => each.state === 'Halted') ? 'Halted' : 'Active',
    since: ago(5),
    sources,
  },
});
const seen = (change: TradingStackStatus) => ({
  name: 'demo',
  namespace: 'trading',
  status: runningStatus(change),
  nowMs: NOW_MS,
});
const halting = trading('Halted', source('annotation', 'Halted'));

describe('a halt', () => {
  it.each<[string, TradingStackStatus, string]>([
    ['not taken up', trading('Active'), 'the operator has not taken up the halt yet'],
    [
      'of another source only',
      {
        ...trading('Halted', source('spec', 'Halted')),
        halt: { active: true, confirmed: { openOrders: 0, at: ago(1) } },
      },
      'the operator has not taken up',
    ],
    ['lifted before', trading('Active', source('annotation', 'Active')), 'the operator has not taken up'],
    ['not obeyed by every process', { ...halting, halt: { active: false } }, 'not every process reports the halt'],
    [
      'obeyed, before the venue has listed',
      { ...halting, halt: { active: true } },
      'the venue has not listed the open orders since',
    ],
    [
      'obeyed, with an order left',
      { ...halting, halt: { active: true, confirmed: { openOrders: 1, at: ago(1) } } },
      '1 order is still open',
    ],
    [
      'confirmed by an old status',
      { ...halting, observedAt: ago(121), halt: { active: true, confirmed: { openOrders: 0, at: ago(1) } } },
      'no operator observes the stack',
    ],
  ])('%s is not done', (_what, change, line) => {
    expect(haltProgress(seen(change))).toMatchObject({ kind: 'Waiting', line: expect.stringContaining(line) });
  });

  it('is done once the venue lists no open order', () => {
    const halt = { active: true, confirmed: { openOrders: 0, at: ago(1) } };
    expect(haltProgress(seen({ ...halting, halt }))).toMatchObject({ kind: 'Done' });
  });
});

describe('a resume', () => {
  it.each<[string, TradingStackStatus, string]>([
    ['not taken up', halting, 'the operator has not taken up'],
    ['not obeyed', trading('Halted', source('annotation', 'Active')), 'the processes report Halted'],
    [
      'of processes that do not answer',
      trading('Unknown', source('annotation', 'Active')),
      'the processes report Unknown',
    ],
    ['seen by no operator', { ...trading('Active'), observedAt: ago(121) }, 'no operator observes the stack'],
    [
      'ignored',
      {
        trading: {
          state: 'Halted',
          requested: 'Halted',
          since: ago(5),
          sources: [source('annotation', 'Halted')],
          ignored: 'not a person',
        },
      },
      'not lifted: not a person',
    ],
  ])('%s is not done', (_what, change, line) => {
    expect(resumeProgress(seen(change))).toMatchObject({ kind: 'Waiting', line: expect.stringContaining(line) });
  });

  it('is done when the processes trade, and when only others restrict', () => {
    expect(resumeProgress(seen(trading('Active', source('annotation', 'Active'))))).toMatchObject({
      kind: 'Done',
      line: expect.stringMatching(/^Active/),
    });
    const others = trading('Halted', source('annotation', 'Active'), source('spec', 'Halted'));
    expect(resumeProgress(seen(others))).toMatchObject({ kind: 'Done', line: expect.stringContaining('stays Halted') });
  });

  it('names what remains, and not the halt that the processes still apply', () => {
    const flattening = trading('Halted', source('annotation', 'Active'), source('spec-flatten', 'Flattening'));
    const applied = { ...flattening.trading, requested: 'Halted' } as NonNullable<TradingStackStatus['trading']>;
    expect(resumeProgress(seen({ trading: applied })).line).toContain('The sale of every position begins');
  });
});

describe('a sale', () => {
  const asked = source('spec-flatten', 'Flattening');
  const sold = { ...source('flatten', 'Halted'), author: 'risk' };
  it.each<[string, TradingStackStatus, string, string]>([
    ['not taken up', trading('Active'), 'Waiting', 'the operator has not taken up the request yet'],
    ['seen by no operator', { ...trading('Active', asked), observedAt: ago(121) }, 'Waiting', 'no operator observes'],
    [
      'taken up',
      { ...trading('Active', asked), conditions: [] },
      'Waiting',
      'the operator reports no condition Halted',
    ],
    [
      'halted by a person who names the source as risk does',
      { ...trading('Halted', asked, source('flatten', 'Halted')), halt: { active: true } },
      'Blocked',
      'the stack is halted by flatten',
    ],
    ['under a halt', trading('Halted', asked, source('spec', 'Halted')), 'Blocked', 'the stack is halted by spec'],
    [
      'done, not halted everywhere',
      { ...trading('Halted', asked, sold), halt: { active: false } },
      'Waiting',
      'sold; ',
    ],
    ['done', { ...trading('Halted', asked, sold), halt: { active: true } }, 'Done', 'Sold, and halted by risk'],
    [
      'done, and halted by a person besides',
      { ...trading('Halted', asked, sold, source('spec', 'Halted')), halt: { active: true } },
      'Done',
      'Sold, and halted by risk',
    ],
  ])('%s', (_what, change, kind, line) => {
    expect(flattenProgress(seen(change))).toMatchObject({ kind, line: expect.stringContaining(line) });
  });
});

describe('the withdrawal of a sale', () => {
  const byRisk = { ...source('flatten', 'Halted'), author: 'risk' };
  it.each<[string, TradingStackStatus, string, string]>([
    ['not taken up', trading('Active', source('spec-flatten', 'Flattening')), 'Waiting', 'has not taken up'],
    [
      'not taken up of the annotation',
      trading('Active', source('annotation', 'Flattening')),
      'Waiting',
      'has not taken',
    ],
    ['seen by no operator', { ...trading('Active'), observedAt: ago(121) }, 'Waiting', 'no operator observes'],
    ['while another source sells', trading('Active', source('command', 'Flattening')), 'Blocked', 'because command'],
    ['before risk lifts its halt', trading('Halted', byRisk), 'Waiting', 'risk has not lifted the halt'],
    ['with the halt of a person', trading('Halted', source('flatten', 'Halted')), 'Done', 'The stack stays Halted:'],
    ['of a stack that trades', trading('Active'), 'Done', 'Active: risk and execution report it'],
  ])('%s', (_what, change, kind, line) => {
    expect(withdrawalProgress(seen(change))).toMatchObject({ kind, line: expect.stringContaining(line) });
  });
});
