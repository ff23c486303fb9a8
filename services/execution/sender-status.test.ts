import { afterEach, beforeEach, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../test/harness/virtual-stack.ts';
import { parseDecimal } from '../shared/domain/decimal.ts';
import { MEXC_RULES } from '../shared/venue/mexc/rules.ts';
import type { Execution } from './service.ts';

let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

function failing(execution: Execution): readonly string[] {
  return [...execution.checks].flatMap(([name, check]) => (check().ok ? [] : [`${name}: ${check().reason}`]));
}

it('refuses to start at a venue that would cut or reject the client order IDs of the stack', () => {
  const rules = { ...MEXC_RULES, acceptedAheadMs: 500, clientOrderIdMaxLength: 31 };
  expect(() => stack.start({ at: { rules } })).toThrow(
    'venue.name: mexc accepts client order IDs of at most 31 characters, ours have 32; choose another venue',
  );
});

it('a database from before the grant ends the process, which sends nothing and says why until then', async () => {
  const execution = await stack.active();
  stack.record.fence = { epoch: 0, holder: '' };
  await stack.clock.advance(1_000);
  const order = stack.approve('after');
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(1_000);
  expect(failing(execution)).toEqual(['fence: FenceWentBack']);
  expect(execution.sender()).toMatchObject({ role: 'fenced', maySend: false, obstacle: { reason: 'NotActive' } });
  await stack.clock.advance(5_000);
  expect(stack.ended()).toMatchObject({ exitCode: 1, reason: 'FenceWentBack' });
  expect(stack.placed()).toEqual([]);
});

it('a database that failed over ends the process, and no order leaves after the first read of it', async () => {
  const execution = await stack.active();
  stack.record.identity = { ...stack.record.identity, timeline: 2 };
  await stack.clock.advance(500);
  const order = stack.approve('after');
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(6_000);
  expect(stack.ended()).toMatchObject({ exitCode: 1, reason: 'RecordWentBack' });
  expect(stack.placed()).toEqual([]);
});

it('a sender that cannot read the fence says so within two lifetimes of a permit, and for how long', async () => {
  const unavailable = async (): Promise<never> => await Promise.reject(new Error('Postgres is unavailable'));
  let down = false;
  const execution = await stack.active({
    store: { readFence: async () => (down ? await unavailable() : await stack.record.readFence()) },
  });
  down = true;
  await stack.clock.advance(2_500);
  expect(execution.sender()).toMatchObject({ role: 'active', maySend: false, obstacle: { reason: 'PermitExpired' } });
  expect(failing(execution)).toEqual([]);
  await stack.clock.advance(2_000);
  expect(failing(execution)).toEqual(['sending: PermitExpired']);
  down = false;
  await stack.clock.advance(1_000);
  expect([failing(execution), execution.sender().maySend]).toEqual([[], true]);
});

it('a sender whose intent hangs says that the database is slow, although it can read the fence', async () => {
  const execution = await stack.active({ store: { commitIntent: async () => await new Promise(() => {}) } });
  const order = stack.approve('stuck');
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(2_500);
  expect(execution.sender()).toMatchObject({ maySend: false, obstacle: { reason: 'DatabaseSlow' } });
  await stack.clock.advance(5_000);
  expect(failing(execution)).toEqual(['sending: DatabaseSlow']);
});

it('obstacles at the venue reach the status: the rate limit, a drift of the ledger, an unknown outcome', async () => {
  const execution = await stack.active({ settings: { reconcileIntervalMs: 1_000 } });
  const reasonNow = (): string | undefined => execution.sender().obstacle?.reason;
  const unknown = stack.approve('unknown');
  stack.venue.place = async () => await Promise.resolve({ kind: 'unknown', reason: 'timeout' });
  void execution.onApproval(unknown.decisionId);
  await stack.clock.advance(200);
  expect([reasonNow(), execution.sender().maySend]).toEqual(['UnknownOrders', true]);
  await stack.clock.advance(6_000);
  expect(reasonNow()).toBeUndefined();
  stack.venue.holdings.set('ETH', parseDecimal('99'));
  await stack.clock.advance(5_000);
  expect([reasonNow(), execution.sender().maySend]).toEqual(['LedgerDrift', true]);
  stack.venue.openOrders = async () => await Promise.resolve({ kind: 'rateLimited', retryAfterMs: 30_000 });
  await stack.clock.advance(2_000);
  expect([reasonNow(), execution.sender().maySend]).toEqual(['RateLimited', false]);
  await stack.clock.advance(5_000);
  expect(failing(execution)).toContain('sending: RateLimited');
});
