import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { add, parseDecimal, subtract, ZERO } from '../../shared/domain/decimal.ts';
import { intendedOrder, type ApprovedOrder, type OrderRecord } from '../core/order-record.ts';
import type { Execution } from '../service.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { BalanceCheck } from './balance-check.ts';

const d = parseDecimal;
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
    ['less than a tenth of the minimum notional at the last price of a base asset', 'XRP', '0.0999'],
    ['an air-drop of an asset that is not traded', 'DOGE', '5'],
  ])('stops nothing: %s', async (_title, asset, amount) => {
    const execution = await stack.active(SETTINGS);
    transfer(asset, amount);
    await stack.clock.advance(10_000);
    expect(execution.checks.get('ledger')?.()).toMatchObject({ ok: true });
    expect(execution.figures()['ledgerDrifts']).toBe(0);
    expect(await sent(execution, 'after')).toBe('Filled');
  });

  it('stops nothing while rebates add up to less than a tenth of the minimum notional, is shown, and stops then', async () => {
    const execution = await stack.active(SETTINGS);
    for (let rebate = 1; rebate <= 9; rebate += 1) {
      transfer('ETH', '0.00001');
      await stack.clock.advance(4_000);
    }
    const check = execution.checks.get('ledger');
    expect(check?.()).toMatchObject({
      ok: true,
      reason: 'Ok',
      message: expect.stringMatching(/ETH: .*difference 0.00009$/),
    });
    expect(await sent(execution, 'before')).toBe('Filled');
    transfer('ETH', '0.00001');
    await stack.clock.advance(4_000);
    expect(check?.()).toMatchObject({ ok: false, message: expect.stringMatching(/ETH: .*difference 0.0001$/) });
    expect(await sent(execution, 'after')).toBe('ReduceOnly');
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

  it('stops entries although it continues, so that the difference never stays the same', async () => {
    const execution = await stack.active(SETTINGS);
    for (let trade = 1; trade <= 6; trade += 1) {
      transfer('XRP', trade % 2 === 0 ? '3.5' : '-0.7');
      await stack.clock.advance(1_000);
      if (trade === 4) expect(execution.figures()['ledgerDrifts']).toBe(0);
    }
    await stack.clock.advance(1_000);
    expect(execution.figures()['ledgerDrifts']).toBe(1);
    expect(await sent(execution, 'entry')).toBe('ReduceOnly');
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

  it('is booked in an asset that the venue, the ledger or the settings have, traded or not', async () => {
    await stack.record.openLedger(new Map([...stack.venue.holdings, ['MX', parseDecimal('1')]]));
    await stack.active(SETTINGS);
    transfer('DOGE', '5');
    book('DOGE', '5');
    book('MX', '-1');
    book('BTC', '1');
    await stack.clock.advance(2_000);
    expect(stack.record.transfers).toEqual([]);
    expect([stack.record.ledger().get('MX'), stack.record.ledger().get('BTC')]).toEqual([undefined, d('1')]);
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

describe('the comparison alone', () => {
  const lines: string[] = [];
  const record = new MemoryExecutionStore();
  const { openLedger, bookTransfers, bookManualTrades, readLedger, driftingAssets, heldSymbols } = record;
  const live: OrderRecord[] = [];
  let eth = d('2');
  let locked = ZERO;
  let isWritable = true;
  const check = new BalanceCheck({
    store: {
      openLedger,
      bookTransfers,
      bookManualTrades,
      readLedger,
      driftingAssets,
      heldSymbols,
      recordVenueBalances: async (...reading) => {
        if (!isWritable) throw new Error('Postgres is unavailable');
        await record.recordVenueBalances(...reading);
      },
    },
    venue: {
      balances: async () =>
        await Promise.resolve({ kind: 'ok', value: new Map([['ETH', { free: eth, locked }]]) } as const),
    },
    symbols: ['XRP/ETH'],
    instrumentOf: () => undefined,
    marks: () => new Map(),
    deadLetters: { open: [], keep: async () => {}, clear: async () => {} },
    orders: { live: () => live },
    missedFills: { lost: [] },
    clock: virtualClock(),
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
  });

  it('logs a transfer of an unknown asset once', async () => {
    record.transfers.push({ id: '7', asset: 'EHT', amount: d('1'), author: 'ada', reason: 'why' });
    for (let reading = 0; reading < 3; reading += 1) await check.compare();
    const found = lines.filter((line) => line.includes('not booked'));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/"id":"7","asset":"EHT","author":"ada","reason":"why","amount":"1"/);
  });

  it('records what the venue has free, also of an asset of which others lock all', async () => {
    locked = d('2');
    eth = ZERO;
    await check.compare();
    expect(record.venueFree).toEqual(new Map([['ETH', ZERO]]));
    locked = d('0.5');
    eth = d('1.5');
    await check.compare();
    expect(record.venueFree).toEqual(new Map([['ETH', d('1.5')]]));
    expect(check.problems).toEqual([]);
    locked = ZERO;
    eth = d('2');
  });

  it('takes no difference for a drift that an order in flight may have made, while it changes', async () => {
    live.push(intendedOrder({ order: approvedOrder('buy'), instrument: undefined, epoch: 1, intendedAtMs: 1 }));
    const least = subtract(d('2'), live[0]?.reserved ?? ZERO);
    for (let reading = 0; reading < 8; reading += 1) {
      eth = add(least, d(`0.00${reading}`));
      await check.compare();
    }
    expect(check.problems).toEqual([]);
    live.length = 0;
    eth = d('2');
    await check.compare();
  });

  it('keeps a drift whose record could not be written, also when its amount changes', async () => {
    isWritable = false;
    eth = d('3');
    for (let reading = 0; reading < 3; reading += 1) await expect(check.compare()).rejects.toThrow('unavailable');
    isWritable = true;
    eth = d('4');
    await check.compare();
    expect(check.problems).toMatchObject([{ asset: 'ETH', problem: expect.stringContaining('difference 2') }]);
    expect(await record.driftingAssets()).toEqual(new Set(['ETH']));
  });
});
