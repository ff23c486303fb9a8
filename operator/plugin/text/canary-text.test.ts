import { expect, it } from 'vitest';
import { NOW_MS } from '../../../test/fixtures/stack-observation.ts';
import type { CanaryStatus } from '../../api/v1alpha1/trading-stack/rollout/canary.ts';
import type { StackReport } from '../view/stack-report.ts';
import { canaryText } from './plan-lines.ts';
import { senderFacts } from './sender-facts.ts';

const CANARY: CanaryStatus = { state: 'Active', colour: 'green', epoch: 2, maxNotional: '10' };

function linesOf(canary: CanaryStatus | undefined): readonly string[] {
  const execution = { active: 'green', epoch: 2, ...(canary === undefined ? {} : { canary }) } as const;
  const report = { status: { execution }, nowMs: NOW_MS, pods: { known: false } } as unknown as StackReport;
  return senderFacts(report).map(({ text }) => text);
}

const until = new Date(NOW_MS + 90_000).toISOString();

it.each<[string, Partial<CanaryStatus>, string]>([
  ['is active', { until }, 'canary of green: buys for at most 10 in all, for 1m30s more at least'],
  ['waits for a problem to end', {}, 'canary of green: buys for at most 10 in all'],
  [
    'is requested, with its instruments',
    { state: 'Requested', symbols: ['XRP/ETH'] },
    'canary of green: buys for at most 10 in all, of XRP/ETH only; not reported by the sender yet',
  ],
  [
    'is over',
    { state: 'Lifting' },
    'canary of green: buys for at most 10 in all; over, and still reported by the sender',
  ],
])('shows a canary that %s', (_what, change, line) => {
  expect(linesOf({ ...CANARY, ...change })).toContain(line);
});

it('shows none without one', () => {
  expect(linesOf(undefined).join()).not.toContain('canary');
  expect(canaryText(undefined)).toBe('');
});

it('shows in the plan with what the new sender begins', () => {
  expect(canaryText({ maxNotional: '10', durationSeconds: 600 })).toBe(
    '; canary: buys for at most 10 in all, until it has shown no problem for 600 s',
  );
});
