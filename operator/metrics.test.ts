import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { cacheAgeMetrics, metricFactory, stackStatusMetrics } from './metrics.ts';

it('registers counters, gauges and histograms in one registry', async () => {
  const registry = new Registry();
  const make = metricFactory(registry);
  make.counter({ name: 'c_total', help: 'c', labels: ['a'] }).inc({ a: 'x' });
  make.gauge({ name: 'g', help: 'g', labels: [] }).set({}, 2);
  make.histogram({ name: 'h', help: 'h', labels: [], buckets: [1, 2] }).observe({}, 1.5);
  const text = await registry.metrics();
  expect(text).toContain('c_total{a="x"} 1');
  expect(text).toContain('g 2');
  expect(text).toContain('h_bucket{le="2"} 1');
});

it('exports the age of each cache at scrape time', async () => {
  const registry = new Registry();
  const ages = new Map([
    ['pods', 1_500],
    ['tradingstacks', Infinity],
  ]);
  cacheAgeMetrics(registry, () => ages);
  expect(await registry.metrics()).toContain('reflector_age_seconds{resource="tradingstacks"} +Inf');
  ages.set('pods', 61_000);
  expect(await registry.metrics()).toContain('reflector_age_seconds{resource="pods"} 61');
});

it('exports the state of a stack until the stack is deleted', async () => {
  const registry = new Registry();
  const metrics = stackStatusMetrics(registry);
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'x', message: '', observedGeneration: 1, lastTransitionTime: '' },
  ] as const;
  metrics.record('trading/demo', { conditions: [...conditions], execution: { active: 'blue', epoch: 3 } });
  const text = await registry.metrics();
  expect(text).toContain('tradingstack_ready{stack="trading/demo"} 1');
  expect(text).toContain('tradingstack_stalled{stack="trading/demo"} 0');
  expect(text).toContain('tradingstack_sender_active{stack="trading/demo"} 1');
  expect(text).toContain('tradingstack_fence_epoch{stack="trading/demo"} 3');
  expect(text).toContain('tradingstack_claimed_by_other{stack="trading/demo"} 0');
  metrics.forget('trading/demo');
  metrics.claimedByOther('trading/demo');
  expect(await registry.metrics()).toContain('tradingstack_claimed_by_other{stack="trading/demo"} 1');
  metrics.forget('trading/demo');
  expect(await registry.metrics()).not.toContain('trading/demo');
});

it('exports rollouts by outcome, waits by gate, and the gap and overlap of swaps', async () => {
  const registry = new Registry();
  stackStatusMetrics(registry).observe([
    { kind: 'Rollout', outcome: 'rolled_back', seconds: 70 },
    { kind: 'GateWait', gate: 'Soaked', seconds: 3 },
    { kind: 'Swap', gapSeconds: 0.08, overlapSeconds: 0 },
    { kind: 'Overlap', overlapSeconds: 0.22 },
  ]);
  const text = await registry.metrics();
  expect(text).toContain('tradingstack_rollout_duration_seconds_sum{outcome="rolled_back"} 70');
  expect(text).toContain('tradingstack_gate_wait_seconds_bucket{le="5",gate="Soaked"} 1');
  expect(text).toContain('tradingstack_swap_gap_seconds_sum 0.08');
  expect(text).toContain('tradingstack_swap_gap_seconds_count 1');
  expect(text).toContain('tradingstack_swap_overlap_seconds_sum 0.22');
});
