import { expect, it } from 'vitest';
import { riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal as d } from '../../../shared/domain/decimal.ts';
import { collarAround } from './collar.ts';

it.each([
  ['above', '101', '98.98', '102'],
  ['below', '99', '98', '100.98'],
])('keeps a buy close to both references when the last trade was %s the mid price', (_side, price, lowest, highest) => {
  const book = { bid: d('99.5'), ask: d('100.5'), receivedAt: riskState.nowMs };
  const market = { ...riskState.market, book, lastTrade: { price: d(price), tradedAt: riskState.nowMs } };
  expect(collarAround({ ...riskState, market }, 'buy')).toEqual({ lowest: d(lowest), highest: d(highest) });
});
