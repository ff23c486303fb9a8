import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flatSignal as flat, held, longSignal as signal, NOW, withMarket } from '../../../test/fixtures/risk-state.ts';
import { approvedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';
import { formatDecimal, parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import { notionalOf } from '../../shared/domain/instrument.ts';
import { decide } from './decide.ts';
import { worstCaseNotional } from './holdings.ts';
import type { RiskState } from './risk-state.ts';

const d = parseDecimal;

describe('an approved order', () => {
  const amounts = fc.integer({ min: 5_000, max: 30_000 }).map((count) => (BigInt(count) * 10n ** 11n) as Decimal);
  const market = fc.record({
    bid: amounts,
    spread: fc.nat(50),
    trade: amounts,
    held: fc.nat(120),
    long: fc.boolean(),
  });

  it('respects step sizes, minimum and limits, and parses as a message of the contract', () => {
    let approved = 0;
    fc.assert(
      fc.property(market, ({ bid, spread, trade, held: quantity, long }) => {
        const ask = (bid + BigInt(spread + 1) * 10n ** 11n) as Decimal;
        const given: RiskState = {
          ...withMarket({
            book: { bid, ask, receivedAt: NOW },
            lastTrade: { price: trade % 3n === 0n ? trade : bid, tradedAt: NOW },
          }),
          positions: held(String(quantity)),
        };
        const decision = decide(given, long ? signal : flat);
        if (decision.kind !== 'Approved') return;
        approved += 1;
        const { price, quantity: size, side } = decision.order;
        const notional = notionalOf(price, size);
        expect(price % d('0.0000001')).toBe(0n);
        expect(size % d('0.1')).toBe(0n);
        // The last piece of an exit takes a rest of less than the smallest order: of 1, or of a notional of 0.001.
        const smallest = price > d('0.001') ? price : d('0.001');
        const tolerated = side === 'sell' ? smallest : 0n;
        expect(notional <= d('0.1') + tolerated && notional >= d('0.001')).toBe(true);
        expect(side === 'sell' || worstCaseNotional(given, 'XRP/ETH') + notional <= d('0.2')).toBe(true);
        expect(side === 'buy' || size <= parseDecimal(String(quantity))).toBe(true);
        const { price: p, quantity: q, ...rest } = decision.order;
        expect(() =>
          approvedOrderMessage.parse({ ...rest, price: formatDecimal(p), quantity: formatDecimal(q) }),
        ).not.toThrow();
      }),
      { numRuns: 500, examples: [[{ bid: d('0.0008701'), spread: 0, trade: d('0.0005'), held: 116, long: false }]] },
    );
    expect(approved).toBeGreaterThan(20);
  });
});
