import { describe, expect, it } from 'vitest';
import { ago, NOW_MS, runningStatus } from '../../../test/fixtures/plugin-report.ts';
import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { restrictionsOf, saleLines, sellWithoutOperator } from './restrictions.ts';

const asks = (source: string, state: SourceStatus['state'], author = 'ada'): SourceStatus => ({
  source,
  state,
  author,
  reason: 'why',
  revision: 1,
  since: ago(9),
});
const placeOf = (...sources: SourceStatus[]) => {
  const trading = { state: 'Halted', requested: 'Halted', since: ago(9), sources } as const;
  return { name: 'demo', namespace: 'trading', status: runningStatus({ trading }), nowMs: NOW_MS };
};

describe('what lifts a source', () => {
  it.each([
    [asks('swap', 'Flattening', 'operator'), 'the operator, once the swap is over; to stop the sale, halt'],
    [asks('swap', 'Halted'), "a row of trading.halts with source 'swap'"],
    [asks('flatten', 'Halted', 'risk'), 'risk, once neither spec.flatten nor the annotation asks for Flattening'],
    [asks('flatten', 'Halted'), "a row of trading.halts with source 'flatten'"],
    [asks('annotation', 'Halted'), 'kubectl tradingstack resume -n trading demo'],
    [asks('spec-flatten', 'Flattening'), 'kubectl tradingstack flatten -n trading demo --cancel'],
    [asks('breaker-drawdown', 'Halted', 'risk'), 'risk, once a person has inserted a row into risk.breaker_resets'],
    [asks('breaker-loss', 'Halted', 'risk'), 'risk itself'],
    [asks('breaker-drawdown', 'Halted'), "a row of trading.halts with source 'breaker-drawdown'"],
    [asks('breaker-daily-loss', 'Halted'), "a row of trading.halts with source 'breaker-daily-loss'"],
    [asks('desk', 'Halted'), "a row of trading.halts with source 'desk'"],
  ])('%j', (source, lift) => {
    expect(restrictionsOf(placeOf(source))).toMatchObject([{ lift: expect.stringContaining(lift) }]);
  });
});

describe('a sale', () => {
  it.each([
    ['spec-flatten', 'flatten'],
    ['annotation', 'positions'],
  ])('that %s requests is followed with %s', (source, command) => {
    expect(saleLines(placeOf(asks(source, 'Flattening')))).toContain(
      `To follow the sale: kubectl tradingstack ${command} -n trading demo`,
    );
  });

  it('without the operator is withdrawn in both places that request it', () => {
    const [last = ''] = sellWithoutOperator(placeOf()).split('\n').slice(-1);
    expect(last).toBe(
      'To withdraw it: that command with --resume instead, and kubectl tradingstack flatten -n trading demo --cancel: ' +
        'otherwise the operator sells when it returns.',
    );
  });
});
