import { describe, expect, it } from 'vitest';
import { ago, NOW_MS } from '../../../test/fixtures/plugin-report.ts';
import { halt, tradingOf } from '../../../test/harness/plugin/selling-stack.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { seenProgress } from './request-progress.ts';

describe('a request that is shown again', () => {
  const unshown = { ...halt, unshown: true };
  it.each<[string, TradingStackStatus, object]>([
    ['not seen yet', tradingOf(unshown), { kind: 'Waiting', heard: false }],
    ['seen', tradingOf(halt), { kind: 'Done' }],
    ['beside another that is not', tradingOf({ ...unshown, source: 'spec' }), { kind: 'Done' }],
    [
      'seen by no operator',
      { ...tradingOf(halt), observedAt: ago(121) },
      { kind: 'Waiting', line: 'no operator observes the stack' },
    ],
  ])('%s', (_what, status, progress) => {
    expect(seenProgress({ name: 'demo', namespace: 'trading', status, nowMs: NOW_MS }, 'annotation')).toMatchObject(
      progress,
    );
  });
});
