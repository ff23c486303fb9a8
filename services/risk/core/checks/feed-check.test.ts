import { describe, expect, it } from 'vitest';
import {
  flatSignal as flat,
  held,
  longSignal as signal,
  NOW,
  withMarket,
} from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal as d } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';

describe('a book of the future', () => {
  const receivedAt = NOW + 3_600_000;
  const ahead = withMarket({ book: { bid: d('0.0014'), ask: d('0.0014010'), receivedAt } });

  it('refuses an entry, and says by how much it is ahead', () => {
    expect(decide(ahead, signal)).toMatchObject({
      code: 'FeedStale',
      detail: 'the order book is 3600000 ms in the future, risk.maxFeedAgeMs allows 2000 ms',
      inputs: { feedAgeMs: -3_600_000 },
    });
  });

  it('is one of a clock that is set differently, which refuses no exit', () => {
    expect(decide({ ...ahead, positions: held('30') }, flat)).toMatchObject({ kind: 'Approved' });
  });

  it('counts as fresh while it is ahead by no more than a book may be old', () => {
    expect(
      decide(withMarket({ book: { bid: d('0.0014'), ask: d('0.0014010'), receivedAt: NOW + 2_000 } }), signal),
    ).toMatchObject({ kind: 'Approved' });
  });
});
