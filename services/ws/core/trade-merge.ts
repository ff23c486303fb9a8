import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Side } from '../../shared/domain/side.ts';

export interface MergeTrade {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly takerSide: Side;
  readonly time: number;
}

/**
 * Trades of one symbol that come by two overlapping connections, each passed on once. The venue gives trades no id, and two real trades can be alike in
 * every field, so likeness alone proves nothing: of alike trades as many pass as the connection with the most of them has brought.
 */
export interface TradeMerge {
  /** Whether the trade is one that no connection has brought yet. */
  accept(connection: number, trade: MergeTrade): boolean;
}

/** Remembers the newest `memory` different trades; an overlap lasts seconds. */
export function createTradeMerge(memory = 4_096): TradeMerge {
  const seen = new Map<string, { passed: number; readonly brought: Map<number, number> }>();
  return {
    accept: (connection, { price, quantity, takerSide, time }) => {
      const key = `${time} ${price} ${quantity} ${takerSide}`;
      const alike = seen.get(key) ?? { passed: 0, brought: new Map<number, number>() };
      if (alike.passed === 0) {
        seen.set(key, alike);
        forgetOldest(seen, memory);
      }
      const brought = (alike.brought.get(connection) ?? 0) + 1;
      alike.brought.set(connection, brought);
      if (brought <= alike.passed) return false;
      alike.passed = brought;
      return true;
    },
  };
}

function forgetOldest(seen: Map<string, unknown>, memory: number): void {
  if (seen.size <= memory) return;
  const [oldest] = seen.keys();
  if (oldest !== undefined) seen.delete(oldest);
}
