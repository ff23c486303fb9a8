import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder, TEST_TAG } from '../../../../test/fixtures/approved-orders.ts';
import { startMissedFills } from '../../../../test/harness/execution/missed-fills-process.ts';
import { virtualClock, type VirtualClock } from '../../../../test/harness/virtual-clock.ts';
import { createVirtualStack, type Changes, type VirtualStack } from '../../../../test/harness/virtual-stack.ts';
import { ONE, parseDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import type { UnreadFill } from '../../../shared/domain/orders/unread-row.ts';
import { intendedOrder } from '../../core/order-record.ts';
import { MemoryExecutionStore } from '../../store/memory/memory-execution-store.ts';

const SYMBOL = 'XRP/ETH';
const LETTER = { kind: 'Fill', id: 'XRP/ETH T1 V1' } as const;

describe('a fill that cannot be read', () => {
  let clock: VirtualClock;
  let store: MemoryExecutionStore;
  let unread: UnreadFill[];
  let listed: Fill[];

  beforeEach(() => {
    clock = virtualClock();
    store = new MemoryExecutionStore();
    unread = [];
    listed = [];
    ourFill('T0');
  });

  async function start() {
    const value = () => ({ fills: listed, unread, complete: true });
    const fills = async () => await Promise.resolve({ kind: 'ok', value: value() } as const);
    const { run, ...started } = await startMissedFills({ store, clock, fills });
    return { ...started, run: async () => await run(SYMBOL) };
  }

  function unreadFill(known: UnreadFill['known'] = {}, digest = 'abc'): UnreadFill {
    const ids = { venueTradeId: 'T1', venueOrderId: 'V1', clientOrderId: '', time: clock.nowMs() };
    return { row: '{}', problem: 'commission', digest, known: { ...ids, ...known } };
  }

  /** A readable fill of our order, which rests and is in the record. */
  function ourFill(venueTradeId: string): Fill {
    const order = approvedOrder('ours', { type: 'LIMIT', quantity: parseDecimal('1000') });
    const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: clock.nowMs() });
    const { clientOrderId } = order;
    if (!store.orders.has(clientOrderId))
      store.orders.set(clientOrderId, { ...row, state: { kind: 'Open', venueOrderId: 'V1' } });
    const ids = { venueTradeId, venueOrderId: 'V1', clientOrderId, symbol: SYMBOL, feeAsset: 'ETH' };
    return { ...ids, side: 'buy', price: ONE, quantity: ONE, fee: ZERO, maker: false, time: clock.nowMs() };
  }

  it.each([
    ['may be ours', ''],
    ['is ours', `${TEST_TAG}abc`],
  ])('and %s is set apart with its row, and the others are booked', async (_what, clientOrderId) => {
    const process = await start();
    listed.push(ourFill('T2'));
    unread.push(unreadFill({ clientOrderId }));
    expect(await process.run()).toBeUndefined();
    expect(store.fills.all.map(({ venueTradeId }) => venueTradeId)).toEqual(['T2']);
    expect(process.deadLetters.open).toMatchObject([{ ...LETTER, symbol: SYMBOL }]);
    expect(process.deadLetters.open[0]?.payload).toContain('"row":"{}"');
  });

  it('is booked once it can be read, and no longer set apart', async () => {
    const process = await start();
    unread.push(unreadFill());
    await process.run();
    expect(process.deadLetters.open).toHaveLength(1);
    unread.pop();
    listed.push(ourFill('T1'));
    expect(await process.run()).toBeUndefined();
    expect(store.fills.all).toHaveLength(1);
    expect(process.deadLetters.open).toEqual([]);
  });

  it('is recorded once the private stream has reported it, however the list shows it', async () => {
    const process = await start();
    await process.orders.onFill(ourFill('T1'));
    unread.push(unreadFill());
    expect(await process.run()).toBeUndefined();
    expect(process.deadLetters.open).toEqual([]);
  });

  it('and names an order of somebody else is counted once, and stops nothing', async () => {
    const process = await start();
    unread.push(unreadFill({ clientOrderId: 'byhand1' }));
    expect([await process.run(), await process.run()]).toEqual([undefined, undefined]);
    expect(process.deadLetters.open).toEqual([]);
    expect(await process.foreign()).toBe(1);
  });

  it.each([
    ['no client ID, and an order that the record does not have, is foreign', { venueOrderId: 'V9' }, [], 1],
    ['no client ID, and an order of the record, may be ours', {}, ['XRP/ETH T1 V1'], 0],
    [
      'a client ID that cannot be read may be ours',
      { venueOrderId: 'V9', clientOrderId: undefined },
      ['XRP/ETH T1 V9'],
      0,
    ],
    ['no client ID and no order ID may be ours', { venueOrderId: undefined }, ['XRP/ETH row abc'], 0],
  ])('and has %s', async (_title, change, ids, foreign) => {
    const process = await start();
    const entries = Object.entries({ ...unreadFill().known, ...change }).filter(([, value]) => value !== undefined);
    unread.push({ ...unreadFill(), known: Object.fromEntries(entries) });
    expect([await process.run(), await process.run()]).toEqual([undefined, undefined]);
    expect(process.deadLetters.open.map(({ id }) => id)).toEqual(ids);
    expect(await process.foreign()).toBe(foreign);
  });

  it.each(['can be read', 'cannot be read'])(
    "is no longer set apart once it is somebody else's and %s",
    async (now) => {
      const process = await start();
      const { clientOrderId: _unreadable, ...known } = unreadFill({ venueOrderId: 'V9' }).known;
      unread.push({ ...unreadFill(), known });
      await process.run();
      expect(process.deadLetters.open.map(({ id }) => id)).toEqual(['XRP/ETH T1 V9']);
      unread.pop();
      if (now === 'can be read') listed.push({ ...ourFill('T1'), venueOrderId: 'V9', clientOrderId: 'byhand1' });
      else unread.push(unreadFill({ venueOrderId: 'V9', clientOrderId: 'byhand1' }));
      expect(await process.run()).toBeUndefined();
      expect(process.deadLetters.open).toEqual([]);
      expect([await process.foreign(), store.fills.all.length]).toEqual([1, 0]);
    },
  );

  it('and has no IDs is set apart by its text, each row once', async () => {
    const process = await start();
    const rows = ['a', 'b', 'a'].map((digest) => ({ ...unreadFill(), known: {}, digest }));
    unread.push(...rows);
    await process.run();
    await process.run();
    expect(process.deadLetters.open.map(({ id }) => id)).toEqual(['XRP/ETH row a', 'XRP/ETH row b']);
  });

  it('is read again, however late somebody else trades, until a person clears its letter', async () => {
    const process = await start();
    await process.run();
    const atMs = clock.nowMs();
    unread.push(unreadFill());
    await clock.advance(600_000);
    const ids = { venueTradeId: 'T9', venueOrderId: 'V9', clientOrderId: 'byhand1' };
    listed.push({ ...ourFill('T9'), ...ids });
    await clock.advance(600_000);
    const runFromMs = async () => {
      const asked = process.asked.length;
      await process.run();
      return process.asked[asked]?.fromMs ?? Infinity;
    };
    await runFromMs();
    expect(await runFromMs()).toBeLessThanOrEqual(atMs);
    store.clearByHand(LETTER);
    await process.deadLetters.sync();
    await runFromMs();
    expect(await runFromMs()).toBeGreaterThan(atMs);
  });

  it('fails its step when more is set apart than is kept', async () => {
    const process = await start();
    for (let id = 0; id < 1_000; id += 1)
      await process.deadLetters.keep({ kind: 'Row', id: String(id), symbol: 'ADA/ETH', payload: '{}', problem: 'p' });
    unread.push(unreadFill());
    expect(await process.run()).toMatch(/^Fill XRP\/ETH T1 V1 is not set apart, because too many/);
  });

  it.each([
    ['IDs', {}],
    ['no IDs', { venueTradeId: undefined }],
  ])('with %s stays cleared when a person clears its letter, also in the next process', async (_title, change) => {
    const { venueTradeId, ...rest } = unreadFill().known;
    const known = 'venueTradeId' in change ? rest : { venueTradeId: venueTradeId ?? '', ...rest };
    unread.push({ ...unreadFill(), known });
    const process = await start();
    await process.run();
    for (const letter of process.deadLetters.open) store.clearByHand(letter);
    await process.deadLetters.sync();
    expect([await process.run(), await process.run()]).toEqual([undefined, undefined]);
    expect([process.deadLetters.open, store.deadLetters.size]).toEqual([[], 0]);
    const next = await start();
    await next.run();
    expect([next.deadLetters.open, store.deadLetters.size]).toEqual([[], 0]);
  });

  it('is set apart again, also by the next process, when it was processed and its record went back', async () => {
    const process = await start();
    unread.push(unreadFill());
    await process.run();
    const fill = ourFill('T1');
    await process.orders.onFill(fill);
    expect(process.deadLetters.open).toEqual([]);
    store.fills.clear();
    const next = await start();
    await next.run();
    expect(next.deadLetters.open).toMatchObject([LETTER]);
  });
});

describe('the books beside a fill that cannot be read', () => {
  let stack: VirtualStack;

  beforeEach(() => {
    stack = createVirtualStack(() => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [10], tellings: [] }));
  });

  afterEach(() => stack.kill());

  /** The first fill at the venue cannot be read, apart from what `knownOf` returns. */
  function unreadable(knownOf: (fill: Fill) => UnreadFill['known']): Changes {
    const { venue } = stack;
    return {
      settings: { symbols: [SYMBOL, 'ADA/ETH'] },
      at: {
        fills: async (symbol, range) => {
          const reply = await venue.fills(symbol, range);
          if (reply.kind !== 'ok') return reply;
          const fills = reply.value.fills.filter((fill) => fill.symbol === symbol);
          const isBad = ({ venueTradeId }: Fill) => venueTradeId === 'T1';
          const unread = fills
            .filter(isBad)
            .map((fill) => ({ row: '{}', problem: 'commission', digest: 'abc', known: knownOf(fill) }));
          return { kind: 'ok', value: { ...reply.value, fills: fills.filter((fill) => !isBad(fill)), unread } };
        },
      },
    };
  }

  async function bought(changes: Changes) {
    const execution = await stack.active(changes);
    const check = (name: string) => execution.checks.get(name)?.();
    const offer = async (id: string, change = {}, ms = 1_000) => {
      const order = stack.approve(id, change);
      void execution.onApproval(order.decisionId);
      await stack.clock.advance(ms);
      return order;
    };
    const order = await offer('first', {}, 120_000);
    return { execution, check, offer, order };
  }

  it('have no drift by amounts that can be read, and everything else goes on', async () => {
    const { check, offer } = await bought(unreadable(({ maker: _maker, ...known }) => known));
    expect([...stack.record.deadLetters.values()]).toMatchObject([LETTER]);
    expect(check('ledger')).toMatchObject({ ok: true });
    expect(check('reconcile')).toMatchObject({ ok: true });
    expect(check('dead letters')).toMatchObject({ ok: false, reason: 'SetApart' });
    expect(stack.stateOf(await offer('entry'))).toEqual({ kind: 'NeverSent', reason: 'SetApart' });
    expect(stack.stateOf(await offer('other', { symbol: 'ADA/ETH' }))?.kind).toBe('Filled');
    const exit = await offer('exit', { side: 'sell' });
    expect(stack.placed()).toContain(exit.clientOrderId);
  });

  it('drift by amounts that cannot be read, and the check names the fill', async () => {
    const { check } = await bought(
      unreadable(({ venueTradeId, venueOrderId, clientOrderId, symbol, side }) => {
        return { venueTradeId, venueOrderId, clientOrderId, symbol, side };
      }),
    );
    expect(check('ledger')).toMatchObject({ ok: false, reason: 'LedgerDrift' });
    expect(check('ledger')?.message).toContain('(set apart, and not counted: Fill XRP/ETH T1 V1)');
  });

  it('take its letter as cleared for good once a person clears it, and then say what is missing', async () => {
    const { check } = await bought(unreadable(({ maker: _maker, ...known }) => known));
    stack.record.clearByHand(LETTER);
    await stack.clock.advance(120_000);
    expect(stack.record.deadLetters.size).toBe(0);
    expect(check('dead letters')).toMatchObject({ ok: true });
    expect(check('ledger')).toMatchObject({ ok: false, reason: 'LedgerDrift' });
    expect(check('ledger')?.message).not.toContain('not counted');
  });
});
