import { describe, expect, it } from 'vitest';
import { parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import { deadLetter, deadLetterKey } from './dead-letter.ts';
import { UnprocessableError } from '../../shared/domain/unprocessable-error.ts';

const fill = {
  venueTradeId: 'T1',
  venueOrderId: 'V1',
  clientOrderId: 'c1',
  symbol: 'XRP/ETH',
  side: 'sell',
  price: parseDecimal('1.5'),
  quantity: parseDecimal('2'),
  fee: ZERO,
  feeAsset: 'ETH',
  maker: false,
  time: 1,
} as const;

describe('a dead letter', () => {
  it('of a fill is identified by symbol, trade and order, with and without our ID', () => {
    const key = { kind: 'Fill', id: 'XRP/ETH T1 V1' };
    expect(deadLetterKey('c1', { kind: 'FillSeen', fill })).toEqual(key);
    expect(deadLetterKey('', { kind: 'FillSeen', fill: { ...fill, clientOrderId: '' } })).toEqual(key);
  });

  it('of another observation is identified by order and kind, so that another kind does not clear it', () => {
    const refused = deadLetterKey('c1', { kind: 'Refused', code: '1' });
    expect(refused).toEqual({ kind: 'Order', id: 'c1 Refused' });
    expect(deadLetterKey('c1', { kind: 'CancelRequested' })).not.toEqual(refused);
  });

  it('has its payload as JSON, with decimals as text', () => {
    const error = new UnprocessableError(new Error('OutOfRange'));
    const payload = { fill, ids: new Set(['a']) };
    const letter = deadLetter({ kind: 'Fill', id: 'i' }, { symbol: 'XRP/ETH', payload, error });
    expect(JSON.parse(letter.payload)).toMatchObject({ fill: { price: '1.5', quantity: '2', fee: '0' }, ids: ['a'] });
    expect(letter).toMatchObject({ problem: 'OutOfRange', symbol: 'XRP/ETH' });
  });

  it('is bounded, and its payload stays JSON', () => {
    const payload = { text: 'x'.repeat(50_000) };
    const letter = deadLetter({ kind: 'Row', id: 'i' }, { symbol: '', payload, error: 'y'.repeat(5_000) });
    expect(letter.payload.length).toBeLessThan(21_000);
    expect(typeof JSON.parse(letter.payload)).toBe('string');
    expect(letter.problem).toHaveLength(1_000);
    expect(deadLetter({ kind: 'Row', id: 'i' }, { symbol: '', payload: undefined, error: '' }).payload).toBe('null');
  });
});
