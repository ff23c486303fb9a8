import { bookStream, INSTRUMENTS, PAYLOAD_FIELD, tradesStream } from '../../../services/shared/contracts/keys.ts';
import type { BookPayload } from '../../../services/shared/contracts/messages/book.ts';
import type { InstrumentPayload } from '../../../services/shared/contracts/messages/instrument.ts';
import type { SignalPayload } from '../../../services/shared/contracts/messages/signal.ts';
import type { TradePayload } from '../../../services/shared/contracts/messages/trade.ts';
import { riskSettings, type RiskSettings } from '../../../services/shared/contracts/services/risk.ts';
import { TEST_STACK } from '../../fixtures/approved-orders.ts';

/** As many as a stack may have: a wave is one signal of each strategy on each symbol, so none supersedes another. */
const STRATEGIES = Array.from({ length: 20 }, (_, n) => `cross-${n}`);
const SYMBOLS = Array.from({ length: 30 }, (_, n) => `A${n}/ETH`);
export const WAVE = STRATEGIES.length * SYMBOLS.length;
const HUGE = '1000000000';

/**
 * Settings without limits: those of the rate and of open orders are above what a stack may have, because each decision
 * shall be an approval, the one that costs most.
 */
export function unlimitedSettings(): RiskSettings {
  const settings = riskSettings.parse({
    stack: { id: TEST_STACK, name: 'demo', namespace: 'trading', mode: 'Paper' },
    redis: { host: 'x', port: 1, username: 'x' },
    halt: false,
    postgres: { host: 'x', port: 1, database: 'x', user: 'x' },
    limits: {
      maxOrderNotional: HUGE,
      maxPositionNotional: HUGE,
      maxExposureNotional: HUGE,
      maxOpenOrders: 500,
      maxOrdersPerSecond: 100,
      priceCollarPercent: '2',
      maxFeedAgeMs: 600_000,
    },
    symbols: SYMBOLS,
    sizing: STRATEGIES.map((strategy) => ({ strategy, orderNotional: '0.05', entry: 'Take', barSeconds: 60 })),
    entryValidMs: 60_000,
    orderDeadlineMs: 60_000,
  });
  const limits = { ...settings.limits, maxOpenOrders: 1_000_000, maxOrdersPerSecond: 1_000_000 };
  return { ...settings, limits };
}

/** Returns a signal of each strategy on each symbol. `barClose` in UTC milliseconds. */
export function waveOf(barClose: number): readonly SignalPayload[] {
  return STRATEGIES.flatMap((strategy) =>
    SYMBOLS.map((symbol) => ({
      id: `${strategy}:${symbol}:${barClose}`,
      strategy,
      symbol,
      stance: 'Long',
      changedAt: barClose,
      barClose,
      referencePrice: '0.0014',
      release: '98d806ae2bf865f2',
    })),
  );
}

export type Command = readonly [name: string, ...args: readonly string[]];

/** Returns the commands that publish rules, a book and a trade of each symbol. Keys without the prefix of the stack. */
export function marketCommands(nowMs: number): readonly Command[] {
  const feed = { producer: 'bench', time: nowMs, receivedAt: nowMs };
  return SYMBOLS.flatMap((symbol): Command[] => {
    const book: BookPayload = {
      ...feed,
      seq: 1,
      symbol,
      version: '1',
      bids: [['0.00139', '900']],
      asks: [['0.0014', '900']],
    };
    const trade: TradePayload = { ...feed, seq: 1, symbol, price: '0.0014', quantity: '5', takerSide: 'buy' };
    return [
      ['HSET', INSTRUMENTS, symbol, JSON.stringify(rulesOf(symbol))],
      ['XADD', bookStream(symbol), '*', PAYLOAD_FIELD, JSON.stringify(book)],
      ['XADD', tradesStream(symbol), '*', PAYLOAD_FIELD, JSON.stringify(trade)],
    ];
  });
}

function rulesOf(symbol: string): InstrumentPayload {
  const [base = '', quote = ''] = symbol.split('/');
  const steps = { tickSize: '0.00000001', lotSize: '1', minQuantity: '1' };
  const bounds = { minNotional: '0.001', maxNotional: '1000', makerFee: '0', takerFee: '0.0005' };
  return { symbol, base, quote, ...steps, ...bounds };
}
