import { expect, it } from 'vitest';
import { riskState } from '../../../test/fixtures/risk-state.ts';
import { parseDecimal as d } from '../../shared/domain/decimal.ts';
import type { ApprovedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';
import { accountAfter } from './account-after.ts';
import type { Account } from './account.ts';
import type { EntryAttempts } from './entries/entry-attempts.ts';
import type { WantedStance } from './stances/wanted-stance.ts';

const NOW = riskState.nowMs;
const PAIRS = ['A/ETH', 'B/ETH', 'C/ETH'].flatMap((symbol) =>
  ['cross', 'trend'].map((strategy) => ({ strategy, symbol })),
);
const stances = PAIRS.map((pair): WantedStance => ({ ...pair, stance: 'Long', barClose: NOW - 9, changedAt: NOW - 9 }));
const entryAttempts = PAIRS.map((pair): EntryAttempts => {
  return { ...pair, changedAt: NOW - 9, count: 1, lastAtMs: NOW - 8, quantity: d('7') };
});
const account: Account = { ...riskState, liveOrders: [], openApprovals: [], breakerResets: [], stances, entryAttempts };

const pair = { strategy: 'trend', symbol: 'B/ETH' };
const ofOthers = (rows: readonly { readonly strategy: string; readonly symbol: string }[]) =>
  rows.filter(({ strategy, symbol }) => strategy !== pair.strategy || symbol !== pair.symbol);
const order: ApprovedOrderMessage = {
  ...pair,
  decisionId: 'd',
  stack: 'demo-1a2b3c4d',
  clientOrderId: 'd',
  side: 'buy',
  type: 'LIMIT',
  price: d('0.001'),
  quantity: d('30'),
  deadline: NOW + 1,
  decidedAt: NOW,
  riskHash: 'h',
  release: 'r',
};

it.each<[string, Partial<WantedStance>, number, number | undefined]>([
  ['a newer bar of the same stance', { barClose: NOW }, NOW, 1],
  ['a newer stance', { barClose: NOW, changedAt: NOW }, NOW, undefined],
  ['the same bar', { barClose: NOW - 9, changedAt: NOW - 9 }, NOW - 9, 1],
  ['an older bar', { barClose: NOW - 10, changedAt: NOW - 10 }, NOW - 9, 1],
])('keeps the newest stance, and its entries while it is the same: %s', (_what, changes, barClose, count) => {
  const wants = { ...pair, stance: 'Long', barClose: NOW - 9, changedAt: NOW - 9, ...changes } as const;
  const after = accountAfter(account, { wants, order: undefined, nowMs: NOW });
  const own = <Row extends typeof pair>(rows: readonly Row[]) => rows.filter((row) => !ofOthers([row]).length);
  expect(own(after.stances).map((one) => one.barClose)).toEqual([barClose]);
  expect(own(after.entryAttempts)[0]?.count).toBe(count);
  expect(ofOthers(after.stances)).toEqual(ofOthers(stances));
  expect(ofOthers(after.entryAttempts)).toEqual(ofOthers(entryAttempts));
});

it.each([
  ['a further entry of the same stance', NOW - 9, { count: 2, quantity: d('7') }],
  ['the first entry of a stance', NOW, { count: 1, quantity: d('30') }],
])('counts an approved buy as %s', (_what, changedAt, counted) => {
  const wants = { ...pair, stance: 'Long', barClose: NOW, changedAt } as const;
  const after = accountAfter(account, { wants, order, nowMs: NOW });
  const entries = after.entryAttempts.filter((row) => !ofOthers([row]).length);
  expect(entries).toEqual([{ ...pair, changedAt, lastAtMs: NOW, ...counted }]);
  expect(ofOthers(after.entryAttempts)).toEqual(ofOthers(entryAttempts));
  expect(after.openApprovals).toEqual([order]);
});
