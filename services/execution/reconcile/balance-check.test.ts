import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { add, parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { Execution } from '../service.ts';

const SYMBOLS = ['XRP/ETH', 'ADA/ETH', 'BTC/USDT'];
const SETTINGS = { settings: { reconcileIntervalMs: 1_000, symbols: SYMBOLS } };

let stack: VirtualStack;
let booked = 0;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

/** Changes what the venue holds, as a transfer or a trade by hand does. */
function transfer(asset: string, amount: string): void {
  const { holdings } = stack.venue;
  holdings.set(asset, add(holdings.get(asset) ?? ZERO, parseDecimal(amount)));
}

/** Asks to book a transfer, as a person does. */
function book(asset: string, amount: string): void {
  booked += 1;
  const by = { author: 'ada', reason: 'deposit' };
  stack.record.transfers.push({ id: String(booked), asset, amount: parseDecimal(amount), ...by });
}

async function sent(execution: Execution, decisionId: string, change: Partial<ApprovedOrder> = {}) {
  const order = stack.approve(decisionId, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(3_000);
  const state = stack.stateOf(order);
  return state?.kind === 'NeverSent' ? state.reason : state?.kind;
}

describe('a change of the account outside the stack', () => {
  it.each([
    ['10^-18 of a traded asset', 'ETH', '0.000000000000000001'],
    ['an air-drop of an asset that is not traded', 'DOGE', '5'],
  ])('stops nothing: %s', async (_title, asset, amount) => {
    const execution = await stack.active(SETTINGS);
    transfer(asset, amount);
    await stack.clock.advance(10_000);
    expect(execution.checks.get('ledger')?.()).toMatchObject({ ok: true });
    expect(execution.figures()['ledgerDrifts']).toBe(0);
    expect(await sent(execution, 'after')).toBe('Filled');
  });

  it('stops only entries with its asset as base', async () => {
    const execution = await stack.active(SETTINGS);
    transfer('XRP', '10');
    await stack.clock.advance(10_000);
    expect(execution.checks.get('ledger')?.()).toMatchObject({ reason: 'LedgerDrift', ok: false });
    expect(execution.figures()['ledgerDrifts']).toBe(1);
    expect(await sent(execution, 'entry')).toBe('ReduceOnly');
    expect(await sent(execution, 'other', { symbol: 'ADA/ETH' })).toBe('Filled');
    expect(await sent(execution, 'exit', { side: 'sell' })).toBe('Filled');
  });

  it('stops entries on each instrument with its asset as quote, and no others', async () => {
    const execution = await stack.active(SETTINGS);
    transfer('ETH', '5');
    await stack.clock.advance(10_000);
    expect(await sent(execution, 'first')).toBe('ReduceOnly');
    expect(await sent(execution, 'second', { symbol: 'ADA/ETH' })).toBe('ReduceOnly');
    expect(await sent(execution, 'other', { symbol: 'BTC/USDT' })).toBe('Filled');
    expect(await sent(execution, 'exit', { side: 'sell', symbol: 'ADA/ETH' })).toBe('Filled');
  });

  it('still stops entries after a restart, and no longer once both sides agree', async () => {
    const first = await stack.active(SETTINGS);
    transfer('XRP', '10');
    await stack.clock.advance(10_000);
    expect(await sent(first, 'before')).toBe('ReduceOnly');
    stack.kill();
    const second = stack.start(SETTINGS);
    const entry = stack.approve('restarted');
    await stack.clock.advance(1);
    await second.activate(2);
    void second.onApproval(entry.decisionId);
    await stack.clock.advance(3_000);
    expect(stack.stateOf(entry)).toMatchObject({ kind: 'NeverSent', reason: 'ReduceOnly' });
    transfer('XRP', '-10');
    await stack.clock.advance(2_000);
    expect(second.checks.get('ledger')?.()).toMatchObject({ ok: true });
    expect(await sent(second, 'after')).toBe('Filled');
  });

  it('is booked by a person, which ends the drift at the next reading', async () => {
    const execution = await stack.active(SETTINGS);
    transfer('ETH', '5');
    await stack.clock.advance(10_000);
    expect(await sent(execution, 'before')).toBe('ReduceOnly');
    book('ETH', '5');
    await stack.clock.advance(2_000);
    expect(execution.checks.get('ledger')?.()).toMatchObject({ ok: true });
    expect(await sent(execution, 'after')).toBe('Filled');
  });

  it('is not booked under a wrong name, and says so', async () => {
    const execution = await stack.active(SETTINGS);
    transfer('ETH', '5');
    await stack.clock.advance(10_000);
    book('EHT', '5');
    await stack.clock.advance(2_000);
    expect(execution.figures()).toMatchObject({ ledgerDrifts: 1, waitingTransfers: 1 });
    expect(stack.record.ledger().has('EHT')).toBe(false);
    expect(stack.record.transfers).toHaveLength(1);
    stack.record.transfers.length = 0;
    book('ETH', '5');
    await stack.clock.advance(2_000);
    expect(execution.figures()).toMatchObject({ ledgerDrifts: 0, waitingTransfers: 0 });
  });

  it('is booked in an asset that is not traded, if the venue or the ledger has it', async () => {
    await stack.record.openLedger(new Map([...stack.venue.holdings, ['MX', parseDecimal('1')]]));
    await stack.active(SETTINGS);
    transfer('DOGE', '5');
    book('DOGE', '5');
    book('MX', '-1');
    await stack.clock.advance(2_000);
    expect(stack.record.transfers).toEqual([]);
    expect(stack.record.ledger().get('MX')).toBeUndefined();
  });

  it('that was booked before the first comparison is counted once, however many bookings there are', async () => {
    for (let count = 0; count < 250; count += 1) book('ETH', '0.001');
    transfer('ETH', '0.25');
    const execution = await stack.active(SETTINGS);
    await stack.clock.advance(10_000);
    expect(stack.record.transfers).toEqual([]);
    expect(execution.figures()['ledgerDrifts']).toBe(0);
    expect(await sent(execution, 'after')).toBe('Filled');
  });

  it('still counts when its asset is no longer traded, until it is booked', async () => {
    const first = await stack.active(SETTINGS);
    transfer('XRP', '10');
    await stack.clock.advance(10_000);
    expect(first.figures()['ledgerDrifts']).toBe(1);
    stack.kill();
    const second = await stack.active({ settings: { reconcileIntervalMs: 1_000, symbols: ['BTC/USDT'] } });
    await stack.clock.advance(10_000);
    expect(second.figures()['ledgerDrifts']).toBe(1);
    expect(await sent(second, 'other', { symbol: 'BTC/USDT' })).toBe('Filled');
    book('XRP', '10');
    await stack.clock.advance(2_000);
    expect(second.figures()['ledgerDrifts']).toBe(0);
  });

  it('counts in an asset that is held in an instrument that is no longer traded', async () => {
    const first = await stack.active(SETTINGS);
    expect(await sent(first, 'held', { symbol: 'ADA/ETH' })).toBe('Filled');
    stack.kill();
    const execution = await stack.active({ settings: { reconcileIntervalMs: 1_000, symbols: ['BTC/USDT'] } });
    transfer('ADA', '-4');
    await stack.clock.advance(10_000);
    expect(execution.checks.get('ledger')?.().message).toContain('no buys with ADA: ADA: ledger');
    expect(await sent(execution, 'other', { symbol: 'BTC/USDT' })).toBe('Filled');
  });
});
