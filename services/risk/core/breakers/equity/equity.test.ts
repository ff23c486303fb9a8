import { describe, expect, it } from 'vitest';
import { openBuy, riskState, unreadRow } from '../../../../../test/fixtures/risk-state.ts';
import { equityRecord } from '../../../../../test/fixtures/breakers.ts';
import { formatDecimal, parseDecimal } from '../../../../shared/domain/decimal.ts';
import type { RiskState } from '../../risk-state.ts';
import { equityOf } from './equity.ts';
import { utcDayOf } from '../utc-day.ts';

const d = parseDecimal;
const { nowMs, policy } = riskState;
const at = nowMs - 1_000;
const record = equityRecord({ dayMs: utcDayOf(nowMs), fees: new Map([['USDT', d('7')]]) });
const IN_BTC = new Map([
  ['ETH', d('0.04')],
  ['XRP', d('0.0004')],
]);
const marks = new Map([
  ['XRP/ETH', d('0.002')],
  ['MX/ETH', d('0.001')],
]);

/** 1 ETH and 500 XRP, one XRP is 0.002 ETH. */
function valueOf(change: Partial<RiskState> = {}): string {
  const equity = equityOf({ ...riskState, freshMarks: marks, ...change });
  if (equity.kind === 'Unknown') return equity.detail;
  const { uncertain, missing } = equity;
  const rest = missing === '' ? '' : `, of them ${formatDecimal(uncertain)} uncertain: ${missing}`;
  return `${formatDecimal(equity.equity)} ${equity.currency}${rest}`;
}

function balance(asset: string, ledger: string, reconciledAtMs = at) {
  return { asset, ledger: d(ledger), reconciledAtMs };
}

describe('the equity', () => {
  it.each<[string, Partial<RiskState>, string]>([
    ['is the balances of the pairs at the middle of their books', {}, '2 ETH'],
    ['is in the currency of the limits', { policy: { ...policy, currency: 'XRP' } }, '1000 XRP'],
    ['has what open orders reserve', { orders: [openBuy] }, '2 ETH'],
    ['leaves out assets of no pair', { balances: [balance('ETH', '1'), balance('DOGE', '9')] }, '1 ETH'],
    [
      'has what was bought before the next comparison with the venue',
      { balances: [balance('ETH', '0.5'), balance('XRP', '250', 0)] },
      '1 ETH',
    ],
    ['is zero of an empty account', { balances: [balance('ETH', '0')] }, '0 ETH'],
    [
      'needs no price of an asset of which nothing is there',
      { balances: [balance('ETH', '1')], freshMarks: new Map() },
      '1 ETH',
    ],
    [
      'contains fees of its own assets already',
      {
        feesPaid: new Map([
          ['ETH', d('9')],
          ['XRP', d('9')],
        ]),
      },
      '2 ETH',
    ],
    [
      'is unknown after a fee in an asset without a price',
      { equityRecord: record, feesPaid: new Map([['MX', d('100')]]) },
      'fees were paid in MX, which no configured pair has, such as MX/ETH',
    ],
    [
      'is unknown after one more fee in an asset whose pair was removed',
      { equityRecord: record, feesPaid: new Map([['USDT', d('7.1')]]) },
      'fees were paid in USDT, which no configured pair has, such as USDT/ETH',
    ],
    [
      'does not ask for the price of fees that its baselines contain',
      { equityRecord: record, feesPaid: new Map([['USDT', d('7')]]) },
      '2 ETH',
    ],
    [
      'does not ask for the price of fees before its first baseline',
      { equityRecord: undefined, feesPaid: new Map([['MX', d('100')]]) },
      '2 ETH',
    ],
    [
      'does not ask for the price of fees before the baseline of a new day',
      {
        equityRecord: { ...record, dayMs: utcDayOf(nowMs) - 86_400_000 },
        feesPaid: new Map([['MX', d('100')]]),
      },
      '2 ETH',
    ],
    [
      'is unknown after such a fee, also when the clock steps back a day',
      {
        equityRecord: { ...record, dayMs: utcDayOf(nowMs) + 86_400_000 },
        feesPaid: new Map([['MX', d('100')]]),
      },
      'fees were paid in MX, which no configured pair has, such as MX/ETH',
    ],
    [
      'has a third asset of a pair, less the fees that were paid from it',
      {
        policy: { ...policy, symbols: ['XRP/ETH', 'MX/ETH'] },
        balances: [...riskState.balances, balance('MX', '900')],
        feesPaid: new Map([['MX', d('100')]]),
      },
      '2.9 ETH',
    ],
    [
      'has an asset without a live price at its last rate',
      { freshMarks: new Map(), equityRecord: record },
      '6 ETH, of them 5 uncertain: no live price of XRP/ETH to convert XRP to ETH',
    ],
    [
      'has an asset with a live price at that, whatever the last rate was',
      { equityRecord: { ...record, rates: new Map([['XRP', d('9')]]) } },
      '2 ETH',
    ],
    [
      'misses no price of an asset of which nothing is left',
      { freshMarks: new Map(), equityRecord: record, balances: [balance('ETH', '1')] },
      '1 ETH',
    ],
    ['leaves out an asset that never had a price', { freshMarks: new Map() }, '1 ETH'],
    [
      'is unknown without a live price of an asset that a release before has recorded',
      { freshMarks: new Map(), equityRecord: { ...record, rates: new Map() } },
      'no live price of XRP/ETH to convert XRP to ETH',
    ],
    [
      'converts a last rate in another currency by the last rate of its own',
      { freshMarks: new Map(), equityRecord: { ...record, currency: 'BTC', rates: IN_BTC } },
      '6 ETH, of them 5 uncertain: no live price of XRP/ETH to convert XRP to ETH',
    ],
    [
      'is unknown without a live price while the last rate is in a currency that has none',
      { freshMarks: new Map(), equityRecord: { ...record, currency: 'BTC', rates: new Map([['XRP', d('0.0004')]]) } },
      'no live price of XRP/ETH to convert XRP to ETH',
    ],
    [
      'may be less by as much again while an asset without a live price is owed',
      { freshMarks: new Map(), equityRecord: record, balances: [balance('ETH', '1'), balance('XRP', '-1')] },
      '0.99 ETH, of them 0.01 uncertain: no live price of XRP/ETH to convert XRP to ETH',
    ],
    [
      'is unknown after a fee in an asset of a pair that never had a price',
      {
        policy: { ...policy, symbols: ['XRP/ETH', 'BTC/ETH'] },
        equityRecord: record,
        feesPaid: new Map([
          ['USDT', d('7')],
          ['BTC', d('1')],
        ]),
      },
      'fees were paid in BTC, and there is no live price of BTC/ETH to convert BTC to ETH',
    ],
    [
      'is unknown while ledger and venue were not compared',
      { balances: [balance('ETH', '1', 0)] },
      'the ledger was not compared with the venue recently',
    ],
    [
      'is unknown ten minutes after the last comparison',
      { balances: [balance('ETH', '1', nowMs - 600_001)] },
      'the ledger was not compared with the venue recently',
    ],
    ['is unknown without a balance', { balances: [] }, 'the ledger was not compared with the venue recently'],
    [
      'is unknown while a balance cannot be read',
      { unread: [{ ...unreadRow, table: 'trading.balances', symbol: undefined, assets: ['XRP'] }] },
      'a row cannot be read: trading.balances trend XRP/ETH: quantity is not a decimal',
    ],
    [
      'needs no balance of another asset',
      { unread: [{ ...unreadRow, table: 'trading.balances', symbol: undefined, assets: ['DOGE'] }] },
      '2 ETH',
    ],
    [
      'is unknown while its record cannot be read',
      { unread: [{ ...unreadRow, table: 'risk.equity', symbol: undefined }] },
      'a row cannot be read: risk.equity trend XRP/ETH: quantity is not a decimal',
    ],
    ['does not depend on the rows of orders and positions', { unread: [unreadRow] }, '2 ETH'],
    [
      'is unknown without a currency',
      { policy: { ...policy, symbols: ['XRP/ETH', 'BTC/USDT'] } },
      'risk.currency is not set, and the pairs have several quote assets',
    ],
  ])('%s', (_what, change, value) => {
    expect(valueOf(change)).toBe(value);
  });
});
