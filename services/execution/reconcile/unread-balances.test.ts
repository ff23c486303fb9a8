import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDrainStack } from '../../../test/harness/execution/drain-stack.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { UnreadBalance, VenueBalance } from '../../shared/venue/trading-venue.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { ComparedAges } from '../core/swap/compared-ages.ts';
import type { Execution } from '../service.ts';

const SYMBOLS = ['XRP/ETH', 'ADA/ETH', 'BTC/USDT'];
const SETTINGS = { settings: { reconcileIntervalMs: 1_000, symbols: SYMBOLS } };

let stack: VirtualStack;
/** What the venue reports besides what it holds. */
let instead: Map<string, VenueBalance | UnreadBalance>;

beforeEach(() => {
  stack = createVirtualStack();
  instead = new Map();
});

afterEach(() => stack.kill());

async function active(): Promise<Execution> {
  const balances = stack.venue.balances.bind(stack.venue);
  return await stack.active({
    ...SETTINGS,
    at: {
      balances: async () => {
        const reply = await balances();
        return reply.kind === 'ok' ? { ...reply, value: new Map([...reply.value, ...instead]) } : reply;
      },
    },
  });
}

async function sent(execution: Execution, decisionId: string, change: Partial<ApprovedOrder> = {}) {
  const order = stack.approve(decisionId, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(3_000);
  return stack.stateOf(order)?.kind;
}

const check = (execution: Execution) => execution.checks.get('ledger')?.();

it('an air-dropped coin whose balance cannot be read stops nothing', async () => {
  instead.set('SCAM', { problem: 'free: not an exact decimal in {"free":"1E-19"}' });
  const execution = await active();
  await stack.clock.advance(5_000);
  expect(check(execution)).toMatchObject({ ok: true, reason: 'Ok' });
  expect(await sent(execution, 'entry')).toBe('Filled');
});

it('an asset that is traded takes no entries while its balance cannot be read, and stops no other', async () => {
  const execution = await active();
  instead.set('XRP', { problem: 'free: not an exact decimal' });
  await stack.clock.advance(2_000);
  expect(check(execution)).toMatchObject({
    ok: true,
    reason: 'BalanceUnreadable',
    message: 'no buys with XRP: XRP: the balance at the venue cannot be read: free: not an exact decimal',
  });
  expect(execution.sender().obstacle?.reason).toBe('NotReconciled');
  expect(await sent(execution, 'entry')).not.toBe('Filled');
  expect(await sent(execution, 'other', { symbol: 'ADA/ETH' })).toBe('Filled');
  expect(await sent(execution, 'exit', { side: 'sell' })).toBe('Filled');
  instead.clear();
  await stack.clock.advance(2_000);
  expect(check(execution)).toMatchObject({ ok: true, reason: 'Ok' });
  expect(execution.figures()['ledgerDrifts']).toBe(0);
  expect(await sent(execution, 'after')).toBe('Filled');
});

it('a drift outlasts the time in which its asset cannot be read, and is no new one then', async () => {
  const first = await active();
  stack.venue.holdings.set('XRP', parseDecimal('77'));
  await stack.clock.advance(10_000);
  expect(first.figures()['ledgerDrifts']).toBe(1);
  stack.kill();
  const second = await active();
  expect(second.figures()['ledgerDrifts']).toBe(1);
  instead.set('XRP', { problem: 'why' });
  await stack.clock.advance(2_000);
  expect(second.figures()['ledgerDrifts']).toBe(0);
  expect(await stack.record.driftingAssets()).toEqual(new Set(['XRP']));
  instead.clear();
  await stack.clock.advance(2_000);
  expect(second.figures()['ledgerDrifts']).toBe(1);
  expect(second.sender().evidence?.newDrifts).toBe(0);
});

it('a sender that cannot read a balance hands none over as compared', async () => {
  const drains = createDrainStack();
  const released: ComparedAges[] = [];
  const unread = new Map<string, UnreadBalance>();
  const execution = await drains.active({
    settings: { reconcileIntervalMs: 500 },
    at: { balances: async () => await Promise.resolve({ kind: 'ok', value: unread } as const) },
    store: {
      releaseFence: async (held, compared) => {
        released.push(compared);
        return await drains.record.releaseFence(held, compared);
      },
    },
  });
  unread.set('XRP', { problem: 'why' });
  await drains.clock.advance(2_000);
  await drains.drained(execution, {}, 200);
  drains.kill();
  expect(released).toMatchObject([{ balances: null, instruments: { 'XRP/ETH': expect.any(Number) } }]);
});

it('opens no ledger before every traded balance was read: a missing one would be a drift for good', async () => {
  instead.set('ETH', { problem: 'free: not an exact decimal' });
  const execution = await active();
  await stack.clock.advance(5_000);
  instead.clear();
  await stack.clock.advance(60_000);
  expect(check(execution)).toMatchObject({ ok: true, reason: 'Ok' });
  expect(await sent(execution, 'entry')).toBe('Filled');
});
