import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal } from '../../../shared/domain/decimal.ts';
import { tolerancesOf } from './drift-scope.ts';

const RULES: Readonly<Record<string, readonly [lot: string, tick: string]>> = {
  'XRP/ETH': ['0.1', '0.00001'],
  'ETH/USDT': ['0.0001', '0.01'],
};

function tolerances(...symbols: readonly string[]): Readonly<Record<string, string>> {
  const found = tolerancesOf(symbols, (symbol) => {
    const [lotSize, tickSize] = RULES[symbol] ?? [];
    if (lotSize === undefined || tickSize === undefined) return undefined;
    return { lotSize: parseDecimal(lotSize), tickSize: parseDecimal(tickSize) };
  });
  return Object.fromEntries([...found].map(([asset, amount]) => [asset, formatDecimal(amount)]));
}

describe('tolerancesOf', () => {
  it('tolerates less than a lot of a base asset, and less than a lot at one tick of a quote asset', () => {
    expect(tolerances('ETH/USDT')).toEqual({ ETH: '0.0001', USDT: '0.000001' });
  });

  it.each([
    ['XRP/ETH', 'ETH/USDT'],
    ['ETH/USDT', 'XRP/ETH'],
  ])('takes the smallest tolerance of an asset of several instruments: %s, %s', (...symbols) => {
    expect(tolerances(...symbols)).toEqual({ XRP: '0.1', ETH: '0.000001', USDT: '0.000001' });
  });

  it.each([
    ['XRP/ETH', 'ADA/ETH'],
    ['ADA/ETH', 'XRP/ETH'],
  ])('tolerates nothing in the assets of an instrument with unknown rules: %s, %s', (...symbols) => {
    expect(tolerances(...symbols)).toEqual({ XRP: '0.1', ETH: '0', ADA: '0' });
  });
});
