import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../domain/decimal.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { parseAccount } from './replies.ts';

describe('the balances of an account', () => {
  it.each([
    ['more than 18 decimals', { asset: 'SCAM', free: '1E-19', locked: '0' }, 'free'],
    ['more than 20 digits', { asset: 'SCAM', free: '0', locked: '200000000000000000000' }, 'locked'],
    ['a JSON number', { asset: 'SCAM', free: 0.1, locked: '0' }, 'free'],
    ['no amount', { asset: 'SCAM', free: '1' }, 'locked'],
    ['a sum out of range', { asset: 'SCAM', free: '9e19', locked: '9e19' }, 'exceed'],
  ])('are known apart from one with %s, whose problem is named', (_title, row, problem) => {
    const balances = parseAccount({ balances: [row, { asset: 'ETH', free: '1E-8', locked: '0' }] });
    const text = balances.get('SCAM');
    expect(text).toEqual({ problem: expect.stringContaining(problem) });
    expect(text).toEqual({ problem: expect.stringContaining(JSON.stringify(row)) });
    expect(balances.get('ETH')).toEqual({ free: parseDecimal('0.00000001'), locked: parseDecimal('0') });
  });

  it.each([[{ free: '1', locked: '0' }], [{ asset: '' }], [{ asset: 5 }], [null]])(
    'are unknown with one of an unknown asset: %j',
    (row) => {
      expect(() => parseAccount({ balances: [{ asset: 'ETH', free: '1', locked: '0' }, row] })).toThrow(
        VenueReplyError,
      );
    },
  );
});
