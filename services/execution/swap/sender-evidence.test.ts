import { afterEach, beforeEach, expect, it } from 'vitest';
import { CALM } from '../../../test/faults/fates.ts';
import type { Fate } from '../../../test/faults/faulty-venue.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { Execution } from '../service.ts';

const NOTHING = {
  acknowledged: 0,
  rejected: 0,
  failed: 0,
  medianMs: null,
  unknownOrders: 0,
  overdueOrders: 0,
  newDrifts: 0,
};
const SETTINGS = { settings: { reconcileIntervalMs: 1_000 } };

let stack: VirtualStack;
let fate: Fate;

beforeEach(() => {
  fate = CALM;
  stack = createVirtualStack(() => fate);
});

afterEach(() => stack.kill());

async function sent(execution: Execution, id: string, change: Partial<Fate> = {}): Promise<void> {
  fate = { ...CALM, ...change };
  const { decisionId } = stack.approve(id);
  void execution.onApproval(decisionId);
  await stack.clock.advance(1_500);
}

it('is there as long as the process is the sender, and without an order says so', async () => {
  const armed = stack.start();
  await stack.clock.advance(1);
  expect(armed.sender().evidence).toBeNull();
  stack.kill();
  const execution = await stack.active();
  expect(execution.sender().evidence).toEqual(NOTHING);
  stack.record.fence = { epoch: 9, holder: 'other' };
  await stack.clock.advance(1_000);
  expect(execution.sender()).toMatchObject({ role: 'fenced', evidence: null });
});

it('counts the orders that the venue acknowledged, and the time of its answers', async () => {
  const execution = await stack.active();
  await sent(execution, 'first', { travelMs: 30 });
  await sent(execution, 'second', { travelMs: 50 });
  await sent(execution, 'third', { travelMs: 400 });
  const evidence = execution.sender().evidence;
  expect(evidence).toMatchObject({ ...NOTHING, acknowledged: 3, medianMs: expect.any(Number) });
  expect(evidence?.medianMs).toBeGreaterThanOrEqual(50);
  expect(evidence?.medianMs).toBeLessThan(400);
});

it.each([
  ['rejected', 'rejected'],
  ['failed', 'notSent'],
  ['failed', 'rateLimited'],
] as const)('counts as %s an order to which the venue answers %s', async (counted, kind) => {
  const execution = await stack.active();
  const replies = {
    rejected: { kind: 'rejected', code: '1', message: 'no' },
    notSent: { kind: 'notSent', reason: 'ECONNREFUSED' },
    rateLimited: { kind: 'rateLimited', retryAfterMs: 10 },
  } as const;
  stack.venue.place = async () => await Promise.resolve(replies[kind]);
  await sent(execution, 'one');
  const medianMs = kind === 'rejected' ? expect.any(Number) : null;
  expect(execution.sender().evidence).toEqual({ ...NOTHING, [counted]: 1, medianMs });
});

it('does not count an order that the process itself keeps at the last moment', async () => {
  const execution = await stack.active({
    at: {
      place: async (request, terms) => {
        stack.record.restrict('console', 'Halted');
        await stack.clock.sleep(600);
        return await stack.venue.place(request, terms);
      },
    },
  });
  await sent(execution, 'late');
  expect(stack.placed()).toEqual([]);
  expect(execution.sender().evidence).toEqual(NOTHING);
});

it('counts an order whose outcome is unknown for as long as it is, and as overdue after a minute', async () => {
  const execution = await stack.active();
  const unanswered = { kind: 'unknown', reason: 'timeout' } as const;
  stack.venue.place = async () => await Promise.resolve(unanswered);
  stack.venue.order = async () => await Promise.resolve(unanswered);
  await sent(execution, 'unknown');
  expect(execution.sender().evidence).toMatchObject({ failed: 1, unknownOrders: 1, overdueOrders: 0 });
  await stack.clock.advance(62_000);
  expect(execution.sender().evidence).toMatchObject({ unknownOrders: 1, overdueOrders: 1 });
});

it('starts from zero in each epoch, and leaves out what earlier senders left', async () => {
  const first = await stack.active();
  const refused = { kind: 'rejected', code: '1', message: 'no' } as const;
  stack.venue.order = async () => await Promise.resolve(refused);
  await sent(first, 'unknown', { reply: 'lostBefore' });
  expect(first.sender().evidence).toMatchObject({ failed: 1, unknownOrders: 1 });
  stack.kill();
  const second = await stack.active();
  await stack.clock.advance(70_000);
  expect(second.figures()['unknownOrders']).toBe(1);
  expect(second.sender().evidence).toEqual(NOTHING);
  // The unknown order stops buys.
  fate = CALM;
  void second.onApproval(stack.approve('known', { side: 'sell' }).decisionId);
  await stack.clock.advance(1_500);
  expect(second.sender().evidence).toMatchObject({ acknowledged: 1, failed: 0 });
});

it('counts the assets that have drifted since, and not those that drifted before', async () => {
  const first = await stack.active(SETTINGS);
  stack.venue.holdings.set('ETH', parseDecimal('99'));
  await stack.clock.advance(8_000);
  expect(first.sender().evidence).toMatchObject({ newDrifts: 1 });
  stack.kill();
  const second = await stack.active(SETTINGS);
  await stack.clock.advance(8_000);
  expect([second.figures()['ledgerDrifts'], second.sender().evidence?.newDrifts]).toEqual([1, 0]);
  stack.venue.holdings.set('XRP', parseDecimal('99'));
  await stack.clock.advance(8_000);
  expect([second.figures()['ledgerDrifts'], second.sender().evidence?.newDrifts]).toEqual([2, 1]);
});
