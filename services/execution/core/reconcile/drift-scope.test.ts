import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal } from '../../../shared/domain/decimal.ts';
import { tolerancesOf } from './drift-scope.ts';

const RULES: Readonly<Record<string, readonly [lot: string, tick: string, minNotional: string]>> = {
  'XRP/ETH': ['0.1', '0.00001', '0.001'],
  'ETH/USDT': ['0.0001', '0.01', '5'],
  'BTC/USDT': ['0.000001', '0.01', '1'],
  'SOL/BTC': ['10', '0.01', '0'],
};
const MARKS: Readonly<Record<string, string>> = { 'XRP/ETH': '0.0002', 'BTC/USDT': '50000', 'ETH/USDT': '2500' };

function tolerances(symbols: readonly string[], marks = MARKS): Readonly<Record<string, string>> {
  const instrumentOf = (symbol: string) => {
    const [lotSize, tickSize, minNotional] = RULES[symbol] ?? [];
    if (lotSize === undefined || tickSize === undefined || minNotional === undefined) return undefined;
    return {
      lotSize: parseDecimal(lotSize),
      tickSize: parseDecimal(tickSize),
      minNotional: parseDecimal(minNotional),
    };
  };
  const mids = new Map(Object.entries(marks).map(([symbol, mark]) => [symbol, parseDecimal(mark)]));
  const found = tolerancesOf(symbols, { instrumentOf, marks: mids });
  return Object.fromEntries([...found].map(([asset, amount]) => [asset, formatDecimal(amount)]));
}

describe('tolerancesOf', () => {
  it.each([
    ['BTC/USDT', { BTC: '0.000002', USDT: '0.1' }],
    ['ETH/USDT', { ETH: '0.0002', USDT: '0.5' }],
  ])('tolerates less than a tenth of the minimum notional of %s, in either asset', (symbol, expected) => {
    expect(tolerances([symbol])).toEqual(expected);
  });

  it('tolerates less than a lot of a base asset where a lot is worth more, and while its price is unknown', () => {
    expect(tolerances(['ETH/USDT'], { 'ETH/USDT': '25000' })).toMatchObject({ ETH: '0.0001' });
    expect(tolerances(['ETH/USDT'], {})).toEqual({ ETH: '0.0001', USDT: '0.5' });
    expect(tolerances(['ETH/USDT'], { 'ETH/USDT': '0' })).toMatchObject({ ETH: '0.0001' });
  });

  it('tolerates less than a lot at one tick of a quote asset without a minimum notional', () => {
    expect(tolerances(['SOL/BTC'], { 'SOL/BTC': '0.002' })).toEqual({ SOL: '10', BTC: '0.1' });
  });

  it.each([[['XRP/ETH', 'ETH/USDT']], [['ETH/USDT', 'XRP/ETH']]])(
    'takes the smallest tolerance of an asset of several instruments: %s',
    (symbols) => {
      expect(tolerances(symbols)).toEqual({ XRP: '0.5', ETH: '0.0001', USDT: '0.5' });
    },
  );

  it.each([[['XRP/ETH', 'ADA/ETH']], [['ADA/ETH', 'XRP/ETH']]])(
    'tolerates nothing in an asset only of instruments with unknown rules: %s',
    (symbols) => {
      expect(tolerances(symbols)).toEqual({ XRP: '0.5', ETH: '0.0001', ADA: '0' });
    },
  );
});
