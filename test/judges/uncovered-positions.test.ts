import { expect, it } from 'vitest';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import type { TradeRow } from './invariants.ts';
import { uncoveredPositions } from './uncovered-positions.ts';

let trades = 0;

function trade(symbol: string, side: 'buy' | 'sell', quantity: string, change: Partial<TradeRow> = {}): TradeRow {
  trades += 1;
  const ids = { venue_trade_id: `t${trades}`, client_order_id: 'a' };
  return { ...ids, symbol, side, price: '2', quantity, fee: '0', fee_asset: 'MX', ...change };
}

// 10 ETH and 1 XRP at first.
const bought = trade('XRP/ETH', 'buy', '3', { venue_trade_id: 'first' });

it('allows another pair to spend what no position holds', () => {
  const history = [bought, trade('ADA/XRP', 'buy', '0.5')];
  expect(uncoveredPositions({ trades: history, ledger: { ETH: '4', XRP: '3', ADA: '0.5' } })).toEqual([]);
});

it('finds a position that another pair has spent, also when it has paid it back', () => {
  const spent = [bought, trade('ADA/XRP', 'buy', '0.6', { venue_trade_id: 'second' })];
  const expected = ['I5: after trade second the positions hold 3 XRP, and the account 2.8'];
  expect(uncoveredPositions({ trades: spent, ledger: { ETH: '4', XRP: '2.8', ADA: '0.6' } })).toEqual(expected);
  const paidBack = [...spent, trade('ADA/XRP', 'sell', '0.6')];
  expect(uncoveredPositions({ trades: paidBack, ledger: { ETH: '4', XRP: '4', ADA: '0' } })).toEqual(expected);
});

it('counts the positions of all pairs with the asset', () => {
  const history = [bought, trade('XRP/BTC', 'buy', '1'), trade('ADA/XRP', 'buy', '0.6', { venue_trade_id: 'third' })];
  expect(uncoveredPositions({ trades: history, ledger: { ETH: '4', BTC: '0', XRP: '3.8', ADA: '0.6' } })).toEqual([
    'I5: after trade third the positions hold 4 XRP, and the account 3.8',
  ]);
});

it('counts fees in base as less of the position, and fees in quote as less of the account', () => {
  const inBase = [trade('XRP/ETH', 'buy', '3', { fee: '0.1', fee_asset: 'XRP' })];
  expect(uncoveredPositions({ trades: inBase, ledger: { ETH: '4', XRP: '2.9' } })).toEqual([]);
  const inQuote = [bought, trade('ADA/XRP', 'buy', '0.5', { fee: '0.1', fee_asset: 'XRP' })];
  expect(uncoveredPositions({ trades: inQuote, ledger: { ETH: '4', XRP: '2.9', ADA: '0.5' } })).toHaveLength(1);
});

it('counts a transfer from when it was made', () => {
  const history = [bought, trade('ADA/XRP', 'buy', '0.6', { venue_trade_id: 'second' })];
  const ledger = { ETH: '4', XRP: '3.8', ADA: '0.6' };
  const deposit = (afterTrades: number) => [{ asset: 'XRP', amount: parseDecimal('1'), afterTrades }];
  expect(uncoveredPositions({ trades: history, ledger }, deposit(1))).toEqual([]);
  expect(uncoveredPositions({ trades: history, ledger }, deposit(2))).toHaveLength(1);
});
