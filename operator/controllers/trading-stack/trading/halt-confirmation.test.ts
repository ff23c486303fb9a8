import { expect, it } from 'vitest';
import { decided, obeying, SILENT, withPods, withSpec } from '../../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, tradingReports } from '../../../../test/fixtures/stack-observation.ts';
import type { ObservedPod } from '../observe/observation.ts';

const running = runningStack();

/** The sender lists so many orders as open, in a list of this age. */
function orders(count: number, ageMs: number) {
  return (pod: ObservedPod): ObservedPod => {
    if (pod.answer.kind === 'Silent' || pod.answer.statusz.sender === undefined) return pod;
    const sender = { ...pod.answer.statusz.sender, openOrders: { count, ageMs } };
    return { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender } } };
  };
}

it('shows the open orders that the sender saw at the venue, and since when', () => {
  const halted = obeying(withSpec(running, { halt: true }));
  const first = decideFor(withPods(halted, orders(0, 400)));
  // A list from before the halt confirms nothing.
  expect(first.status?.halt).not.toHaveProperty('confirmed');
  const active = tradingReports({ state: 'Active', sources: [], persisted: true });
  const pending = withPods(withPods(halted, orders(0, 400)), (pod) => (pod.service === 'risk' ? pod : active(pod)));
  expect(decided(pending).halt).toEqual({ active: false, since: expect.any(String), by: 'spec' });
  const later = { ...afterDecision(halted, first), nowMs: halted.nowMs + 5_000 };
  const second = decideFor(withPods(later, orders(0, 900)));
  const confirmed = { openOrders: 0, at: new Date(later.nowMs - 900).toISOString() };
  expect(second.status?.halt?.confirmed).toEqual(confirmed);
  const third = { ...afterDecision(later, second), nowMs: later.nowMs + 5_000 };
  expect(decided(withPods(third, orders(0, 900))).halt?.confirmed).toEqual(confirmed);
  expect(decided(withPods(later, orders(2, 0))).halt?.confirmed).toMatchObject({ openOrders: 2 });
  const former = {
    active: true,
    since: '2025-12-31T00:00:00.000Z',
    confirmed: { openOrders: 0, at: '2025-12-31T00:00:00.000Z' },
  };
  const lifted = { ...later, stack: { ...later.stack, status: { ...later.stack.status, halt: former } } };
  expect(decided(withPods(lifted, orders(0, 900))).halt?.confirmed).toEqual(confirmed);
  const answered = (ageMs: number) => (pod: ObservedPod) =>
    pod.answer.kind === 'Answered' ? { ...pod, answer: { ...pod.answer, ageMs } } : pod;
  expect(decided(withPods(withPods(later, orders(0, 400)), answered(600))).halt?.confirmed).toEqual({
    openOrders: 0,
    at: new Date(later.nowMs - 1_000).toISOString(),
  });
  expect(decided(withPods(later, orders(0, 61_000))).halt).not.toHaveProperty('confirmed');
});

it('counts a list from after every process reported the halt, although the clock of its source is ahead', () => {
  const sinceMs = running.nowMs + 3_600_000;
  const row = { source: 'desk', state: 'Halted' as const, author: 'ada', reason: '', revision: 1, sinceMs };
  const halted = withPods(running, tradingReports({ state: 'Halted', sources: [row], persisted: true }));
  const first = decideFor(withPods(halted, orders(0, 100)));
  expect(first.status?.halt).toMatchObject({ active: true, since: new Date(sinceMs).toISOString() });
  expect(first.status?.halt, 'a list from before the first report').not.toHaveProperty('confirmed');
  const later = { ...afterDecision(halted, first), nowMs: halted.nowMs + 5_000 };
  const listed = withPods(later, orders(0, 4_900));
  expect(decided(listed).halt?.confirmed).toMatchObject({ openOrders: 0 });
  expect(decided(withPods(later, orders(0, 5_100))).halt).not.toHaveProperty('confirmed');
  const silent = withPods(listed, (pod) => (pod.service === 'risk' ? { ...pod, ...SILENT } : pod));
  expect(decided(silent).halt).not.toHaveProperty('confirmed');
  const since = { ...afterDecision(silent, decideFor(silent)), nowMs: later.nowMs + 5_000 };
  expect(decided(withPods(since, orders(0, 100))).halt, 'one is silent').not.toHaveProperty('confirmed');
});

it('confirms nothing while another process of execution may send, or is silent', () => {
  const halted = obeying(withSpec(running, { halt: true }));
  const first = decideFor(withPods(halted, orders(0, 400)));
  const later = { ...afterDecision(halted, first), nowMs: halted.nowMs + 5_000 };
  const listed = withPods(later, orders(0, 100));
  expect(decided(listed).halt?.confirmed).toMatchObject({ openOrders: 0 });
  const other = (change: Partial<ObservedPod>): readonly ObservedPod[] =>
    running.pods.filter(({ service }) => service === 'execution').map((pod) => ({ ...pod, uid: 'other', ...change }));
  for (const pods of [other({}), other({ ...SILENT })])
    expect(decided({ ...listed, pods: [...listed.pods, ...pods] }).halt).not.toHaveProperty('confirmed');
  const ended = other({ finished: true });
  expect(decided({ ...listed, pods: [...listed.pods, ...ended] }).halt?.confirmed).toMatchObject({ openOrders: 0 });
});
