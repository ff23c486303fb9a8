import { array, assert, boolean, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fills } from '../../../../test/fixtures/arbitraries.ts';
import { manualTrade } from '../../../../test/fixtures/manual-trades.ts';
import { DecimalError, formatDecimal, parseDecimal, subtract, ZERO } from '../../../shared/domain/decimal.ts';
import { balancesOf, type Posting } from '../../../shared/domain/ledger.ts';
import { FLAT, type Position } from '../../../shared/domain/position.ts';
import { manualEffects, type KnownNames, type ManualTrade } from './manual-trade.ts';
import { effectsOf } from '../order-effects.ts';

const d = parseDecimal;
const KNOWN: KnownNames = { symbols: new Set(['XRP/ETH']), assets: new Set(['XRP', 'ETH', 'MX']) };
/** 50 XRP that cost 0.07 ETH. */
const HELD: Position = { quantity: d('50'), cost: d('0.07'), realised: ZERO };

/** What a trade leaves, as quantity, cost and realised profit, or why it is refused. */
function after(change: Partial<ManualTrade>, position: Position | undefined): string {
  const effects = manualEffects(manualTrade(change), position, KNOWN);
  if ('problem' in effects) return effects.problem;
  const { quantity, cost, realised } = effects.position;
  return [quantity, cost, realised].map(formatDecimal).join(' ');
}

describe('a trade by hand', () => {
  it.each<[string, Partial<ManualTrade>, Position | undefined, string]>([
    ['sells all', {}, HELD, '0 0 0.03'],
    ['sells a part', { quantity: d('20') }, HELD, '30 0.042 0.012'],
    ['buys more', { side: 'buy' }, HELD, '100 0.17 0'],
    ['opens a position in a configured symbol', { side: 'buy' }, undefined, '50 0.1 0'],
    ['buys again in a removed symbol that was held', { side: 'buy', symbol: 'ADA/ETH' }, FLAT, '50 0.1 0'],
    ['sells in a removed symbol', { symbol: 'ADA/ETH' }, HELD, '0 0 0.03'],
    ['pays a fee in quote', { fee: d('0.001') }, HELD, '0 0 0.029'],
    ['pays a fee in base', { quantity: d('49'), fee: d('1'), feeAsset: 'XRP' }, HELD, '0 0 0.028'],
    ['pays a fee in a third asset', { fee: d('1'), feeAsset: 'MX' }, HELD, '0 0 0.03'],
    ['has no fee in an unknown asset', { feeAsset: 'MXX' }, HELD, '0 0 0.03'],
    ['buys into a position below zero', { side: 'buy' }, { ...FLAT, quantity: d('-60') }, '-10 0.1 0'],
  ])('%s', (_title, change, position, left) => {
    expect(manualEffects(manualTrade(change), position, KNOWN)).toHaveProperty('postings');
    expect(after(change, position)).toBe(left);
  });

  const HOLDS_50 = 'the strategy trend holds 50 XRP in XRP/ETH: the trade would leave';
  it.each<[string, Partial<ManualTrade>, Position | undefined, string]>([
    ['more than is held', { quantity: d('50.1') }, HELD, `${HOLDS_50} -0.1`],
    ['more than is held by a fee in base', { fee: d('0.2'), feeAsset: 'XRP' }, HELD, `${HOLDS_50} -0.2`],
    ['what is not held', {}, undefined, 'the strategy trend holds 0 XRP in XRP/ETH: the trade would leave -50'],
    [
      'a fee in base above all that it buys',
      { side: 'buy', quantity: d('1'), fee: d('2'), feeAsset: 'XRP' },
      undefined,
      'the strategy trend holds 0 XRP in XRP/ETH: the trade would leave -1',
    ],
    [
      'a symbol that is neither configured nor held',
      { side: 'buy', symbol: 'XPR/ETH' },
      undefined,
      'XPR/ETH is not configured, and the strategy trend has no position in it',
    ],
    ['a fee in an unknown asset', { fee: d('1'), feeAsset: 'MXX' }, HELD, 'MXX, the asset of the fee, is unknown'],
  ])('is refused for %s', (_title, change, position, problem) => {
    expect(manualEffects(manualTrade(change), position, KNOWN)).toEqual({ problem });
  });

  it('throws when an amount is out of range', () => {
    expect(() => after({ price: d('1000000000000000'), quantity: d('50000000') }, HELD)).toThrow(DecimalError);
  });

  it('changes what a fill of the strategy changes', () => {
    assert(
      property(fills(), (fill) => {
        const held: Position = { quantity: d('5000000'), cost: d('7'), realised: d('-1') };
        const { symbol, side, price, quantity, fee, feeAsset } = fill;
        const trade = manualTrade({ symbol, side, price, quantity, fee, feeAsset });
        expect(manualEffects(trade, held, KNOWN)).toEqual(effectsOf(fill, held));
      }),
    );
  });

  it('leaves ledger and position equal after any sequence of fills and trades by hand, and never less than nothing', () => {
    assert(
      property(array(tuple(fills(), boolean()), { maxLength: 40 }), (trades) => {
        let position: Position = FLAT;
        const postings: Posting[] = [];
        for (const [fill, byHand] of trades) {
          const { symbol, side, price, quantity, fee, feeAsset } = fill;
          const trade = manualTrade({ symbol, side, price, quantity, fee, feeAsset });
          const effects = byHand ? manualEffects(trade, position, KNOWN) : effectsOf(fill, position);
          if ('problem' in effects) continue;
          if (byHand && effects.position.quantity < ZERO)
            expect(effects.position.quantity).toBeGreaterThan(position.quantity);
          ({ position } = effects);
          postings.push(...effects.postings);
        }
        expect(balancesOf(postings, 'venue').get('XRP') ?? ZERO).toBe(position.quantity);
        // What was paid in quote is the cost of what is held, less profit.
        expect(balancesOf(postings, 'venue').get('ETH') ?? ZERO).toBe(subtract(position.realised, position.cost));
      }),
    );
  });
});
