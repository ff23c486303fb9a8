import { expect, it } from 'vitest';
import type { TradingStackStatus } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { readStatus } from '../../../../operator/api/v1alpha1/trading-stack/read-status.ts';
import { swapEnd } from './swap-end.ts';

const ended = readStatus({
  phase: 'Running',
  release: { desired: 'r2', target: 'r2', current: 'r2' },
  execution: { active: 'green', epoch: 2 },
});
const failed = { release: 'r2', reason: 'OrdersRejected', message: '', at: '2026-01-01T00:00:00Z' };
const undone: TradingStackStatus = {
  ...ended,
  phase: 'Stalled',
  release: { desired: 'r2', target: 'r1', current: 'r1', failed },
};

it.each<[string, TradingStackStatus, boolean, string]>([
  ['the next sender runs', ended, true, 'Ended'],
  ['the status is of an older spec', ended, false, 'GoesOn'],
  ['nothing is known of releases', { ...ended, release: undefined } as never, true, 'GoesOn'],
  ['it is rolled out', { ...ended, phase: 'Progressing' }, true, 'GoesOn'],
  ['the release has not passed', { ...ended, release: { desired: 'r2', current: 'r1' } }, true, 'GoesOn'],
  ['no process sends', { ...ended, execution: { active: 'none', epoch: 2 } }, true, 'GoesOn'],
  ['nobody knows who sends', { ...ended, execution: { active: 'Unknown', epoch: 2 } }, true, 'GoesOn'],
  ['the release has failed', undone, true, 'Undone'],
  ['an older release has failed', { ...undone, release: { desired: 'r3', failed } }, true, 'GoesOn'],
])('%s', (_what, status, current, end) => {
  expect(swapEnd(status, current)).toBe(end);
});
