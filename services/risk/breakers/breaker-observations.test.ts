import { describe, expect, it } from 'vitest';
import { riskTestSettings } from '../../../test/fixtures/risk-settings.ts';
import { NOW, riskState } from '../../../test/fixtures/risk-state.ts';
import { bookMessage } from '../../shared/contracts/messages/book.ts';
import { formatDecimal, parseDecimal } from '../../shared/domain/decimal.ts';
import { MarketView } from '../../shared/market/market-view.ts';
import { createBreakerObservations } from './breaker-observations.ts';
import type { BreakerRules } from '../core/breakers/account-breaches.ts';

const d = parseDecimal;
const SYMBOLS = ['XRP/ETH', 'ADA/ETH'];

/** Two pairs, with 1 ETH, 500 XRP and 500 ADA. */
function observed(breakers: BreakerRules = {}) {
  const settings = { ...riskTestSettings, symbols: SYMBOLS, breakers };
  const market = new MarketView(SYMBOLS);
  const observations = createBreakerObservations(settings, market);
  const quote = (symbol: string, [bid, ask]: readonly [string, string], receivedAt: number): void => {
    const levels = { bids: [[bid, '1']], asks: [[ask, '1']], time: receivedAt, receivedAt };
    const book = bookMessage.parse({ producer: 'p', seq: 1, version: String(receivedAt), symbol, ...levels });
    market.onBook(book);
    observations.onBook(book);
  };
  const balances = [...riskState.balances, { asset: 'ADA', ledger: d('500'), reconciledAtMs: NOW }];
  const equity = (): string | undefined => {
    const policy = { ...riskState.policy, symbols: SYMBOLS };
    const freshMarks = market.marks({ nowMs: NOW, maxAgeMs: 2_000 });
    const value = observations.value({ ...riskState, policy, balances, freshMarks, marks: freshMarks });
    return value.kind === 'Known' ? formatDecimal(value.record.equity) : undefined;
  };
  return { quote, equity, observations };
}

describe('the equity', () => {
  it('is not confirmed by a bad book that stays, while books of other pairs change', () => {
    const { quote, equity } = observed();
    const look = (atMs: number, symbols = SYMBOLS): string | undefined => {
      for (const symbol of symbols) quote(symbol, ['0.001', '0.001'], NOW + atMs);
      return equity();
    };
    expect([look(1), look(2), look(3)]).toEqual([undefined, undefined, '2']);
    // One print of half the price; then only the other pair moves.
    quote('XRP/ETH', ['0.0005', '0.0005'], NOW + 5);
    expect([look(5, ['ADA/ETH']), look(6, ['ADA/ETH']), look(7, ['ADA/ETH'])]).toEqual(['2', '2', '2']);
    // A second book of the pair at that price is no single bad one.
    quote('XRP/ETH', ['0.0005', '0.0005'], NOW + 8);
    expect(look(8, ['ADA/ETH'])).toBe('1.75');
  });
});

describe('a breaker of an instrument', () => {
  const WIDE = {
    breaker: 'WideSpread',
    symbol: 'XRP/ETH',
    threshold: '1',
    detail: '',
    inputs: {},
    trippedAtMs: 0,
  } as const;

  it.each([
    ['fresh', 0, NOW],
    ['old', -2_001, undefined],
    ['of the future', 2_001, undefined],
  ])('is calm at a book that is %s: %s ms', (_what, aheadMs, calmSince) => {
    const { quote, observations } = observed({ maxSpreadPercent: d('1') });
    quote('XRP/ETH', ['0.001', '0.001001'], NOW + aheadMs);
    observations.look(NOW, undefined);
    expect(observations.calmSinceMs(WIDE)).toBe(calmSince);
  });
});
