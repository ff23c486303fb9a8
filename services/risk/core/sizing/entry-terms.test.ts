import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, openBuy, riskState as state } from '../../../../test/fixtures/risk-state.ts';
import { ENTRIES, type Entry } from '../../../shared/contracts/services/risk.ts';
import { parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import { notionalOf, type Instrument } from '../../../shared/domain/instrument.ts';
import { ORDER_TYPES, type OrderType } from '../../../shared/domain/orders/order.ts';
import { decide } from '../decide.ts';
import type { RiskState, Signal } from '../risk-state.ts';

const d = parseDecimal;
const signal: Signal = {
  id: 'trend:XRP/ETH:1',
  strategy: 'trend',
  symbol: 'XRP/ETH',
  stance: 'Long',
  changedAt: NOW - 1_000,
  barClose: NOW - 500,
  referencePrice: d('0.0014'),
  release: 'sig',
};

function entering(entry: Entry, change: Partial<RiskState['market']> = {}): RiskState {
  const sizing = [{ strategy: 'trend', orderNotional: d('0.05'), entry }];
  return { ...state, policy: { ...state.policy, sizing }, market: { ...state.market, ...change } };
}

function listing(orderTypes: readonly OrderType[]): { readonly instrument: Instrument } {
  return { instrument: { ...state.market.instrument!, orderTypes } };
}

/** The code of a refusal, or type, price and quantity of the approved order. */
function outcome(given: RiskState) {
  const decision = decide(given, signal);
  if (decision.kind !== 'Approved') return decision.kind === 'Refused' ? decision.code : decision.reason;
  const { side, type, price, quantity } = decision.order;
  return { side, type, price, quantity };
}

describe('an entry', () => {
  // Best bid 0.0014, best ask 0.001401, mid 0.0014005, last trade 0.0014005, collar of 2 %.
  it.each<[Entry, OrderType, string, string]>([
    ['Make', 'LIMIT_MAKER', '0.0014', '35.7'],
    ['Take', 'IMMEDIATE_OR_CANCEL', '0.0014015', '35.6'],
    ['FillOrKill', 'FILL_OR_KILL', '0.0014015', '35.6'],
    ['Market', 'IMMEDIATE_OR_CANCEL', '0.0014285', '35'],
  ])('%s is an order of the type %s at %s', (entry, type, price, quantity) => {
    expect(outcome(entering(entry))).toEqual({ side: 'buy', type, price: d(price), quantity: d(quantity) });
  });

  it.each(['Take', 'FillOrKill', 'Market'] as const)(
    '%s is refused where the best ask is outside the collar',
    (entry) => {
      const book = { bid: d('0.0013'), ask: d('0.0015'), receivedAt: NOW };
      expect(outcome(entering(entry, { book }))).toBe('OutsideCollar');
    },
  );

  it('Market pays no more than the collar around the last trade allows, however thin the book is', () => {
    const lastTrade = { price: d('0.00138'), tradedAt: NOW };
    expect(outcome(entering('Market', { lastTrade }))).toMatchObject({ price: d('0.0014076') });
  });

  it('Make is refused while the order types of the pair are unknown', () => {
    const { orderTypes: _, ...instrument } = state.market.instrument!;
    expect(outcome(entering('Make', { instrument }))).toBe('OrderTypeNotListed');
  });

  it('Make needs a pair for which the venue lists LIMIT_MAKER', () => {
    const others = ORDER_TYPES.filter((type) => type !== 'LIMIT_MAKER');
    expect(outcome(entering('Make', listing(others)))).toBe('OrderTypeNotListed');
    expect(outcome(entering('Make', listing(['LIMIT_MAKER'])))).toMatchObject({ type: 'LIMIT_MAKER' });
  });

  it('says which order type the venue does not list, and which it lists', () => {
    expect(decide(entering('Make', listing(['LIMIT', 'FILL_OR_KILL'])), signal)).toMatchObject({
      detail: 'the entry needs LIMIT_MAKER, and for XRP/ETH the venue lists only LIMIT, FILL_OR_KILL',
      inputs: { orderTypes: 'LIMIT FILL_OR_KILL' },
    });
  });

  it.each(['Take', 'FillOrKill', 'Market'] as const)(
    '%s needs no listed order type, and neither does an exit',
    (entry) => {
      const type = entry === 'FillOrKill' ? 'FILL_OR_KILL' : 'IMMEDIATE_OR_CANCEL';
      expect(outcome(entering(entry, listing([])))).toMatchObject({ type });
      const positions = [{ strategy: 'trend', symbol: 'XRP/ETH', quantity: d('30'), cost: d('0.04') }];
      const exit = decide({ ...entering(entry, listing([])), positions }, { ...signal, stance: 'Flat' });
      expect(exit).toMatchObject({ kind: 'Approved', order: { side: 'sell', type: 'IMMEDIATE_OR_CANCEL' } });
    },
  );

  it('Make does not rest where our own sale under way would meet it', () => {
    const sale = { ...openBuy, side: 'sell', type: 'IMMEDIATE_OR_CANCEL', state: 'Submitted' } as const;
    expect(outcome({ ...entering('Make'), orders: [sale] })).toBe('SelfTrade');
  });
});

it('never pays more than orderNotional, and never leaves the collar, however the entry trades', () => {
  const tick = state.market.instrument!.tickSize;
  const steps = fc.bigInt({ min: 13_000n, max: 15_000n }).map((count) => (count * tick) as Decimal);
  const approved = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom(...ENTRIES),
      steps,
      fc.bigInt({ min: 1n, max: 300n }),
      steps,
      (entry, bid, gap, trade) => {
        const book = { bid, ask: (bid + gap * tick) as Decimal, receivedAt: NOW };
        const given = outcome(entering(entry, { book, lastTrade: { price: trade, tradedAt: NOW } }));
        if (typeof given === 'string') return;
        approved.add(entry);
        expect(notionalOf(given.price, given.quantity)).toBeLessThanOrEqual(d('0.05'));
        const reference = trade < (bid + book.ask) / 2n ? trade : (((bid + book.ask) / 2n) as Decimal);
        expect(given.price * 100n).toBeLessThanOrEqual(reference * 102n);
        expect(given.price === bid).toBe(entry === 'Make');
      },
    ),
    { numRuns: 2_000 },
  );
  expect([...approved].toSorted()).toEqual([...ENTRIES].toSorted());
});
