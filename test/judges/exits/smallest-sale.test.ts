import { expect, it } from 'vitest';
import { parseDecimal, type Decimal } from '../../../services/shared/domain/decimal.ts';
import { smallestSale } from './smallest-sale.ts';

const d = parseDecimal;
const rules = (lotSize: string, minQuantity: string, minNotional: string) => ({
  lotSize: d(lotSize),
  minQuantity: d(minQuantity),
  minNotional: d(minNotional),
});

it.each<[string, ReturnType<typeof rules>, Decimal, string]>([
  ['the minimum notional by the price', rules('0.1', '0.1', '0.001'), d('0.002'), '0.5'],
  ['that, rounded up to the lot', rules('0.1', '0.1', '0.001'), d('0.0014'), '0.8'],
  [
    'that, where the division leaves a remainder',
    rules('0.000000000000000001', '0', '1'),
    d('3'),
    '0.333333333333333334',
  ],
  ['the minimum quantity where it is larger', rules('0.1', '2', '0.001'), d('0.002'), '2'],
  ['the minimum quantity, rounded up to the lot', rules('3', '2', '0'), d('0.002'), '3'],
  ['one lot without any minimum', rules('0.1', '0', '0'), d('0.002'), '0.1'],
])('is %s', (_what, instrument, price, smallest) => {
  expect(smallestSale(instrument, price)).toBe(d(smallest));
});
