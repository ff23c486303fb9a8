import { expect, it } from 'vitest';
import { riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { Signal } from '../risk-state.ts';
import { checkSteps } from './order-checks.ts';

const d = parseDecimal;
const signal: Signal = {
  id: 's1',
  strategy: 'trend',
  symbol: 'XRP/ETH',
  stance: 'Long',
  barClose: riskState.nowMs,
  changedAt: riskState.nowMs,
  referencePrice: d('0.0014'),
  release: 'signal-1',
};

it.each([
  ['0.0014', '50', undefined],
  ['0.0014001', '50.1', undefined],
  ['0.00140005', '50', 'BetweenSteps'],
  ['0.0014', '50.05', 'BetweenSteps'],
])('an order at %s of %s is refused with %s', (price, quantity, code) => {
  const draft = { side: 'buy', type: 'LIMIT', price: d(price), quantity: d(quantity) } as const;
  expect(checkSteps(riskState, signal, draft).refusal?.code).toBe(code);
});
