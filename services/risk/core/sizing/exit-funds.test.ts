import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import { planExits } from '../exits/exit-plan.ts';
import { exitSignal } from '../exits/exit.ts';
import { ALL_READ } from '../stances/unread-signals.ts';
import { stepOf } from '../exits/position-step.ts';
import type { BalanceView, OrderView, RiskState } from '../risk-state.ts';
import { missingFunds } from './exit-funds.ts';

const d = parseDecimal;
const PAIR = { strategy: 'trend', symbol: 'XRP/ETH' };
const free = (amount: string, ageMs = 1_000) => ({ amount: d(amount), atMs: NOW - ageMs });
const withdrawn: BalanceView = {
  asset: 'XRP',
  ledger: d('50'),
  reconciledAtMs: NOW - 1_000,
  venueFree: free('40'),
  drifting: true,
};

/** An account that holds 50 XRP by the ledger. */
function account(balance: Partial<BalanceView>, change: Partial<RiskState> = {}, refusedMs?: number): RiskState {
  const positions = held('50').map((position) => ({ ...position, exitRefusedAtMs: refusedMs }));
  return { ...riskState, positions, balances: [{ ...withdrawn, ...balance }], ...change };
}

function sold(state: RiskState): string {
  const decision = decide(state, exitSignal(state, PAIR));
  if (decision.kind === 'NoAction') return decision.reason;
  return decision.kind === 'Refused'
    ? `${decision.code}: ${decision.detail}`
    : String(decision.order.quantity / 10n ** 18n);
}

function sale(state: OrderView['state'], quantity: string, strategy = 'other'): OrderView {
  const price = d('0.0016');
  const terms = { side: 'sell', price, quantity: d(quantity), reservedAsset: 'XRP', reserved: d(quantity) } as const;
  return { ...openBuy, ...terms, clientOrderId: `${strategy}-${state}`, strategy, state };
}

describe('an exit of 50', () => {
  it.each<[string, RiskState, string]>([
    ['what the venue has free of an asset that drifts', account({}), '40'],
    ['all of it while the figure of the venue is unknown', account({ venueFree: undefined }), '50'],
    ['all of it while nothing is known to be wrong', account({ drifting: false }), '50'],
    ['what the venue has free after it rejected an exit', account({ drifting: false }, {}, NOW - 2_000), '40'],
    ['all of it until a reading follows the rejection', account({ drifting: false }, {}, NOW - 500), '50'],
    ['all of it at a reading of the moment of the rejection', account({ drifting: false }, {}, NOW - 1_000), '50'],
    ['what a reading of 15 s ago has free', account({ venueFree: free('40', 15_000) }), '40'],
    ['all of it when the reading is older', account({ venueFree: free('40', 15_001) }), '50'],
    ['all of it when the reading is of a clock far ahead', account({ venueFree: free('40', -15_001) }), '50'],
    ['what the ledger has when the venue has more', account({ ledger: d('30') }), '30'],
    ['what no approval will lock', account({}, { orders: [sale('Approved', '5')] }), '35'],
    ['all that is free beside an order that has locked its part', account({}, { orders: [sale('Open', '5')] }), '40'],
    [
      'what is free beside a sale of its own of unknown outcome',
      account({ venueFree: free('30') }, { orders: [sale('Unknown', '12', 'trend')] }),
      '30',
    ],
    [
      'what is free of its own asset',
      account({}, { balances: [withdrawn, { ...withdrawn, asset: 'ETH', venueFree: free('1') }] }),
      '40',
    ],
  ])('sells %s', (_what, state, quantity) => {
    expect(sold(state)).toBe(quantity);
  });

  it.each<[string, RiskState, string]>([
    ['the venue', account({ venueFree: free('0.9') }), '49.1 of 50 XRP are not there: the venue has 0.9 free'],
    [
      'the ledger',
      account({ ledger: d('0.5') }),
      '49.5 of 50 XRP are not there: the ledger has 0.5 that no order reserves',
    ],
  ])('is refused with what %s says when less than the minimum is there', (_who, state, message) => {
    expect(sold(state)).toBe(`InsufficientFunds: ${message}`);
  });
});

describe('the part that is not there', () => {
  const missing = '10 of 50 XRP are not there: the venue has 40 free';

  it('is named in the detail of the approval, and in the status of the exit', () => {
    const state = account({});
    const decision = decide(state, exitSignal(state, PAIR));
    expect(decision).toMatchObject({ kind: 'Approved', detail: missing });
    expect(stepOf(state, exitSignal(state, PAIR))).toEqual({
      kind: 'Sellable',
      problem: { reason: 'InsufficientFunds', message: missing },
      reserving: [],
    });
  });

  it('is reported before the first attempt between bars', () => {
    const wanted = { ...PAIR, stance: 'Flat', barClose: NOW - 500, changedAt: NOW - 500 } as const;
    const { market, ...state } = account({}, { stances: [wanted] });
    const plan = planExits({
      state,
      marketOf: () => market,
      attempts: new Map(),
      unreadSignals: ALL_READ,
      monotonicMs: 0,
    });
    expect(plan.open).toMatchObject([{ attempts: 0, problem: { reason: 'InsufficientFunds', message: missing } }]);
    expect(plan.due).toHaveLength(1);
  });

  it.each<[string, RiskState]>([
    ['all is there', account({ venueFree: free('50') })],
    ['nothing is known', account({ venueFree: undefined })],
    ['less than a lot is missing', account({ venueFree: free('49.999') }, { positions: held('49.9995') })],
    [
      'only an order of unknown outcome may have it',
      account({ drifting: false }, { orders: [sale('Unknown', '12', 'trend')] }),
    ],
  ])('is not named when %s', (_when, state) => {
    expect(missingFunds(state, PAIR)).toBeUndefined();
    expect(decide(state, exitSignal(state, PAIR))).toMatchObject({ kind: 'Approved', detail: '' });
  });
});
