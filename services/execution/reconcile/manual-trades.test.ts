import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualTrade } from '../../../test/fixtures/manual-trades.ts';
import { createVirtualStack, type Changes, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { add, parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { ManualTrade } from '../core/reconcile/manual-trade.ts';
import type { ExecutionStore } from '../ports.ts';
import type { Execution } from '../service.ts';

const d = parseDecimal;
const SETTINGS: Changes = { settings: { reconcileIntervalMs: 1_000, symbols: ['XRP/ETH', 'ADA/ETH'] } };
let stack: VirtualStack;
let booked = 0;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

/** Changes what the venue holds. */
function move(asset: string, amount: string): void {
  const { holdings } = stack.venue;
  holdings.set(asset, add(holdings.get(asset) ?? ZERO, d(amount)));
}

/** Sells at the venue by hand: 10 XRP for 0.02 ETH. */
function sellByHand(): void {
  move('XRP', '-10');
  move('ETH', '0.02');
}

/** Asks to book that sale, as a person does. */
function book(change: Partial<ManualTrade> = {}): void {
  booked += 1;
  stack.record.manualTrades.push(manualTrade({ id: String(booked), quantity: d('10'), ...change }));
}

async function sent(execution: Execution, decisionId: string, change: Partial<ApprovedOrder> = {}) {
  const order = stack.approve(decisionId, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(3_000);
  const state = stack.stateOf(order);
  return state?.kind === 'NeverSent' ? state.reason : state?.kind;
}

/** Starts execution, and buys 10 XRP. */
async function holding(): Promise<Execution> {
  const execution = await stack.active(SETTINGS);
  expect(await sent(execution, 'held')).toBe('Filled');
  expect(position()).toBe(d('10'));
  return execution;
}

const position = () => stack.record.positions.get('trend XRP/ETH')?.quantity;
const letters = () => [...stack.record.deadLetters.values()];

describe('a sale at the venue by hand', () => {
  it('is a drift until it is booked, which leaves no position, no drift and no transfer to book', async () => {
    const execution = await holding();
    sellByHand();
    await stack.clock.advance(10_000);
    expect(execution.checks.get('ledger')?.()).toMatchObject({ ok: false, reason: 'LedgerDrift' });
    expect([position(), await sent(execution, 'before')]).toEqual([d('10'), 'ReduceOnly']);
    book();
    await stack.clock.advance(2_000);
    expect(position()).toBe(ZERO);
    expect(execution.checks.get('ledger')?.()).toMatchObject({ ok: true });
    expect(execution.figures()).toMatchObject({ ledgerDrifts: 0, waitingTransfers: 0 });
    expect([letters(), stack.record.manualTrades]).toEqual([[], []]);
    expect(await sent(execution, 'after')).toBe('Filled');
  });

  it('is booked once although execution restarts', async () => {
    await holding();
    sellByHand();
    book();
    stack.kill();
    const second = await stack.active(SETTINGS);
    expect(position()).toBe(ZERO);
    stack.kill();
    const third = await stack.active(SETTINGS);
    await stack.clock.advance(10_000);
    expect(position()).toBe(ZERO);
    expect([second.figures()['ledgerDrifts'], third.figures()['ledgerDrifts']]).toEqual([0, 0]);
  });

  it('is booked while the stack is halted', async () => {
    await holding();
    stack.record.restrict('desk', 'Halted');
    sellByHand();
    book();
    await stack.clock.advance(2_000);
    expect([position(), letters()]).toEqual([ZERO, []]);
  });

  it('is booked in a symbol that is no longer configured', async () => {
    await holding();
    stack.kill();
    sellByHand();
    await stack.active({ settings: { reconcileIntervalMs: 1_000, symbols: ['BTC/USDT'] } });
    book();
    await stack.clock.advance(2_000);
    expect([position(), letters()]).toEqual([ZERO, []]);
  });
});

describe('a trade by hand that cannot be booked', () => {
  it('is set apart with its row and the reason: its symbol takes no entries, all else goes on', async () => {
    const execution = await holding();
    book({ quantity: d('60') });
    move('ADA', '1');
    move('ETH', '-0.002');
    book({ symbol: 'ADA/ETH', side: 'buy', quantity: d('1') });
    await stack.clock.advance(3_000);
    const problem = 'the strategy trend holds 10 XRP in XRP/ETH: the trade would leave -50';
    const [letter, ...others] = letters();
    expect(letter).toMatchObject({ kind: 'Order', id: `manual:${booked - 1}`, symbol: 'XRP/ETH', problem });
    expect(JSON.parse(letter?.payload ?? '')).toMatchObject({ quantity: '60', author: 'ada' });
    expect(others).toEqual([]);
    expect(execution.checks.get('dead letters')?.()).toMatchObject({ reason: 'SetApart' });
    expect(execution.checks.get('dead letters')?.().message).toContain(`manual:${booked - 1}: ${problem}`);
    expect(stack.record.positions.get('trend ADA/ETH')?.quantity).toBe(d('1'));
    expect(await sent(execution, 'entry')).toBe('SetApart');
    expect(await sent(execution, 'other', { symbol: 'ADA/ETH' })).toBe('Filled');
    expect(await sent(execution, 'exit', { side: 'sell' })).toBe('Filled');
  });

  it('is no longer set apart once a person has deleted its row, also after a restart', async () => {
    await holding();
    book({ quantity: d('60') });
    await stack.clock.advance(3_000);
    expect(letters()).toHaveLength(1);
    stack.kill();
    stack.record.manualTrades.length = 0;
    const second = await stack.active(SETTINGS);
    await stack.clock.advance(3_000);
    expect(letters()).toEqual([]);
    expect(second.checks.get('dead letters')?.()).toMatchObject({ ok: true });
    expect(await sent(second, 'after')).toBe('Filled');
  });

  it('stays set apart while it is not tried, because somebody edits its row', async () => {
    let isEdited = false;
    const triedLast: string[] = [];
    const bookManualTrades: ExecutionStore['bookManualTrades'] = async (known, apart) => {
      triedLast.splice(0, 1, ...apart);
      if (!isEdited) return await stack.record.bookManualTrades(known, apart);
      return { booked: [], refused: [], waiting: stack.record.manualTrades.map(({ id }) => id) };
    };
    await stack.active({ ...SETTINGS, store: { bookManualTrades } });
    book({ quantity: d('60') });
    await stack.clock.advance(3_000);
    isEdited = true;
    await stack.clock.advance(3_000);
    expect(letters()).toMatchObject([{ id: `manual:${booked}` }]);
    expect(triedLast).toEqual([String(booked)]);
    stack.record.manualTrades.length = 0;
    await stack.clock.advance(3_000);
    expect(letters()).toEqual([]);
  });

  it('leaves the letters of orders as they are', async () => {
    await holding();
    const letter = { kind: 'Order', id: 'abc Adopted', symbol: 'ADA/ETH', payload: '{}', problem: 'lost' } as const;
    await stack.record.keepDeadLetter(letter);
    await stack.clock.advance(5_000);
    expect(letters()).toEqual([letter]);
  });
});
