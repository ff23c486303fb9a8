import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import { raisedHigh, reachedStop, type WatchedPosition } from './stop-trigger.ts';

const d = parseDecimal;
const NOW = 1_700_000_000_000;

function position(rules: StopRules, change: Partial<WatchedPosition> = {}): WatchedPosition {
  const prices = { entryPrice: d('100'), highPrice: d('120') };
  return { strategy: 'trend', symbol: 'XRP/ETH', rules, openedAtMs: NOW - 60_000, ...prices, ...change };
}

const bids = (low: string, high = low) => ({ low: d(low), high: d(high) });
const loss = { stopLossPercent: d('5') };
const trail = { trailingStopPercent: d('10') };
const profit = { takeProfitPercent: d('3.5') };
const holding = { maxHoldingSeconds: 60 };

describe('a stop', () => {
  it.each<[string, WatchedPosition, [string, string] | undefined, string | undefined]>([
    ['a loss at its level', position(loss), ['95', '95'], 'StopLoss 95 95'],
    ['a loss beyond its level', position(loss), ['80', '90'], 'StopLoss 95 90'],
    ['a loss of one bid only', position(loss), ['80', '95.000000000000000001'], undefined],
    ['a loss without an entry price', position(loss, { entryPrice: undefined }), ['1', '1'], undefined],
    ['a trailing stop below the highest price', position(trail), ['108', '108'], 'TrailingStop 108 108'],
    ['a trailing stop above it', position(trail), ['1', '108.1'], undefined],
    ['a trailing stop without a price yet', position(trail, { highPrice: undefined }), ['1', '1'], undefined],
    [
      'a trailing stop without an entry price',
      position(trail, { entryPrice: undefined }),
      ['1', '1'],
      'TrailingStop 108 1',
    ],
    ['a profit at its level', position(profit), ['103.5', '104'], 'TakeProfit 103.5 103.5'],
    ['a profit of one bid only', position(profit), ['103.4', '200'], undefined],
    ['both stops at once', position({ ...trail, ...loss }), ['90', '90'], 'StopLoss 95 90'],
    ['the holding time, without a price', position(holding), undefined, 'MaxHolding - -'],
    ['the holding time, a millisecond early', position(holding, { openedAtMs: NOW - 59_999 }), undefined, undefined],
    ['the holding time and a price', position({ ...holding, ...profit }), ['110', '110'], 'TakeProfit 103.5 110'],
    ['no price for a price stop', position({ ...loss, ...trail, ...profit }), undefined, undefined],
    ['no rule', position({}), ['1', '1'], undefined],
  ])('%s', (_what, watched, [low, high] = ['', ''], expected) => {
    const reached = reachedStop(watched, low === '' ? undefined : bids(low, high), NOW);
    const text = (price: Decimal | undefined) => (price === undefined ? '-' : formatDecimal(price));
    const line = reached === undefined ? undefined : `${reached.kind} ${text(reached.level)} ${text(reached.bid)}`;
    expect(line).toBe(expected);
    if (reached !== undefined) expect(reached).toMatchObject({ entryPrice: watched.entryPrice, atMs: NOW });
  });
});

it('raises the highest price only to what two bids reached, and never lowers it', () => {
  expect(raisedHigh(d('100'), bids('101', '150'))).toBe(d('101'));
  expect(raisedHigh(d('100'), bids('90', '95'))).toBe(d('100'));
  expect(raisedHigh(d('100'), undefined)).toBe(d('100'));
  expect(raisedHigh(undefined, bids('90', '95'))).toBe(d('90'));
});

it('stays reached when the price moves on: a lower one never undoes a loss, nor a higher one a profit', () => {
  const price = fc.bigInt(1n, 200n * 10n ** 18n).map((units) => units as Decimal);
  const percent = fc.integer({ min: 1, max: 9_999 }).map((basis) => d((basis / 100).toFixed(2)));
  fc.assert(
    fc.property(price, price, price, percent, (entryPrice, one, other, share) => {
      const [low, high] = one < other ? [one, other] : [other, one];
      const kindAt = (rules: StopRules, bid: Decimal) =>
        reachedStop(position(rules, { entryPrice, highPrice: entryPrice }), { low: bid, high: bid }, NOW)?.kind;
      const isLoss = kindAt({ stopLossPercent: share }, high) !== undefined;
      const isProfit = kindAt({ takeProfitPercent: share }, low) !== undefined;
      if (isLoss) expect(kindAt({ stopLossPercent: share }, low)).toBe('StopLoss');
      if (isProfit) expect(kindAt({ takeProfitPercent: share }, high)).toBe('TakeProfit');
      expect(isLoss && high >= entryPrice).toBe(false);
      expect(isProfit && low <= entryPrice).toBe(false);
    }),
  );
});
