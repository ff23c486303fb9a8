import type { Logger } from '../../shared/runtime/logger.ts';
import { deadLetter, manualTradeKey, manualTradeOf } from '../core/dead-letter.ts';
import type { DeadLetters } from '../orders/dead-letters.ts';
import type { ExecutionStore } from '../ports.ts';

export interface ManualTradesOptions {
  readonly store: Pick<ExecutionStore, 'bookManualTrades'>;
  readonly symbols: readonly string[];
  readonly deadLetters: Pick<DeadLetters, 'open' | 'keep' | 'clear'>;
  readonly log: Logger;
}

/**
 * Books the trades by hand, in these assets and those of the configured symbols. One that cannot be booked is set
 * apart until it can be, or until a person deletes its row: meanwhile the position in its symbol may be wrong.
 */
export async function bookManualTrades(
  { store, symbols, deadLetters, log }: ManualTradesOptions,
  assets: ReadonlySet<string>,
): Promise<void> {
  const apart = deadLetters.open.flatMap((letter) => manualTradeOf(letter) ?? []);
  const known = { symbols: new Set(symbols), assets };
  const { booked, refused, waiting } = await store.bookManualTrades(known, new Set(apart));
  for (const { id, strategy, symbol, side, author, reason } of booked)
    log.info({ id, strategy, symbol, side, author, reason }, 'trade by hand booked');
  for (const { trade, problem } of refused)
    await deadLetters.keep(
      deadLetter(manualTradeKey(trade.id), { symbol: trade.symbol, payload: trade, error: problem }),
    );
  const unbooked = new Set([...waiting, ...refused.map(({ trade }) => trade.id)]);
  for (const id of apart) if (!unbooked.has(id)) await deadLetters.clear(manualTradeKey(id));
}
