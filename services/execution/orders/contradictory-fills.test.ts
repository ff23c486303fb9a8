import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CALM } from '../../../test/faults/fates.ts';
import { createVirtualStack, type Changes, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { formatDecimal, parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';

const d = parseDecimal;
const SYMBOLS = ['XRP/ETH', 'ADA/ETH'];
const LETTER = { kind: 'Fill', id: 'XRP/ETH T1 V1', symbol: 'XRP/ETH' };

let stack: VirtualStack;
/** How the venue shows each fill. */
let shown: Partial<Fill>;

beforeEach(() => {
  stack = createVirtualStack(() => ({ ...CALM, tellings: [] }));
  shown = {};
});

afterEach(() => stack.kill());

/** The venue lists each fill as `shown`, in the list of its own pair. */
function listed(): Changes {
  const { venue } = stack;
  return {
    settings: { symbols: SYMBOLS },
    at: {
      fills: async (symbol, range) => {
        const reply = await venue.fills(symbol, range);
        if (reply.kind !== 'ok') return reply;
        const fills = reply.value.fills.filter((fill) => fill.symbol === symbol).map((fill) => ({ ...fill, ...shown }));
        return { ...reply, value: { ...reply.value, fills } };
      },
    },
  };
}

async function buy(changes: Changes) {
  const execution = await stack.active(changes);
  const offer = async (id: string, change = {}) => {
    const order = stack.approve(id, change);
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(20_000);
    return order;
  };
  const check = (name: string) => execution.checks.get(name)?.();
  return { execution, offer, check, order: await offer('first') };
}

const letters = () => [...stack.record.deadLetters.values()];
const position = () => formatDecimal(stack.record.positions.get('trend XRP/ETH')?.quantity ?? ZERO);

describe('a fill that the venue lists', () => {
  it.each<[string, Partial<Fill>, string]>([
    ['with quantity 0', { quantity: ZERO }, 'quantity 0 of the fill is not above zero'],
    ['with price 0', { price: ZERO }, 'price 0 of the fill is not above zero'],
    ['with a price below zero', { price: d('-1') }, 'price -1 of the fill is not above zero'],
    ['on the other side', { side: 'sell' }, 'side sell of the fill is not that of its order, buy'],
    ['of another pair', { symbol: 'ADA/ETH' }, 'symbol ADA/ETH of the fill is not that of its order, XRP/ETH'],
  ])('%s is set apart, and booked when the right row arrives', async (_title, change, problem) => {
    shown = change;
    const { offer, check, order } = await buy(listed());
    expect(letters()).toMatchObject([{ ...LETTER, problem }]);
    expect([stack.record.fills.all, stack.record.positions.size]).toEqual([[], 0]);
    expect(stack.stateOf(order)?.kind).toBe('CancelPending');
    expect(check('dead letters')).toMatchObject({ ok: false, reason: 'SetApart' });
    expect(check('ledger')?.message).toContain('(set apart, and not counted: Fill XRP/ETH T1 V1)');
    shown = {};
    await stack.clock.advance(120_000);
    expect(letters()).toEqual([]);
    expect([stack.stateOf(order)?.kind, position()]).toEqual(['Filled', '10']);
    expect(check('dead letters')?.ok).toBe(true);
    expect(check('ledger')?.ok).toBe(true);
    expect(stack.stateOf(await offer('next'))?.kind).toBe('Filled');
  });

  it('wrongly for ever stays cleared once a person has cleared its letter', async () => {
    shown = { quantity: ZERO };
    const { check } = await buy(listed());
    expect(letters()).toMatchObject([LETTER]);
    stack.record.clearByHand({ kind: 'Fill', id: LETTER.id });
    await stack.clock.advance(300_000);
    expect([letters(), check('dead letters')?.ok]).toEqual([[], true]);
    // The coins that were bought are a drift, which says so: a person books them.
    expect(check('ledger')).toMatchObject({ ok: false, reason: 'LedgerDrift' });
  });

  it('with a rebate in place of a fee is booked', async () => {
    shown = { fee: d('-0.000001') };
    const { order } = await buy(listed());
    expect([stack.stateOf(order)?.kind, position(), letters()]).toEqual(['Filled', '10', []]);
  });

  it('stays booked when its row is wrong later', async () => {
    const { order } = await buy(listed());
    shown = { side: 'sell' };
    await stack.clock.advance(60_000);
    expect([stack.stateOf(order)?.kind, position(), letters()]).toEqual(['Filled', '10', []]);
  });
});

describe('a fill of the private stream', () => {
  it.each<[string, Partial<Fill>]>([
    ['on the other side', { side: 'sell' }],
    ['of another pair', { symbol: 'ADA/ETH' }],
    ['of another pair, without our ID', { symbol: 'ADA/ETH', clientOrderId: '' }],
    ['with quantity 0', { quantity: ZERO }],
  ])('%s is set apart, and booked when the venue lists the right row', async (_title, change) => {
    let lists = false;
    const { venue } = stack;
    const { execution, check, order } = await buy({
      settings: { symbols: SYMBOLS },
      at: {
        fills: async (symbol, range) =>
          lists && symbol === 'XRP/ETH'
            ? await venue.fills(symbol, range)
            : { kind: 'ok', value: { fills: [], unread: [], complete: true } },
      },
    });
    const [fill] = venue.traded;
    if (fill === undefined) throw new Error('the venue has no fill');
    execution.streamEvents.onFill({ ...fill, ...change });
    await stack.clock.advance(1_000);
    expect(letters()).toMatchObject([LETTER]);
    expect(stack.record.positions.size).toBe(0);
    lists = true;
    await stack.clock.advance(120_000);
    expect(letters()).toEqual([]);
    expect([stack.stateOf(order)?.kind, position()]).toEqual(['Filled', '10']);
    expect(check('dead letters')?.ok).toBe(true);
  });

  it.each<[string, Partial<Fill>]>([
    ['on the other side', { side: 'sell' }],
    ['of another pair', { symbol: 'ADA/ETH' }],
  ])('%s of an order that has ended has the pair of the order, and does not count', async (_title, change) => {
    const { execution, check, order } = await buy(listed());
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    const [fill] = stack.venue.traded;
    if (fill === undefined) throw new Error('the venue has no fill');
    execution.streamEvents.onFill({ ...fill, venueTradeId: 'T9', ...change });
    await stack.clock.advance(60_000);
    expect(letters()).toMatchObject([{ kind: 'Fill', id: 'XRP/ETH T9 V1', symbol: 'XRP/ETH' }]);
    expect(check('ledger')?.ok).toBe(true);
  });
});
