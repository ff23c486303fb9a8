import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Side } from '../../shared/domain/side.ts';

export interface MergeTrade {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly takerSide: Side;
  readonly time: number;
}

/**
 * Merges the trades of one symbol from overlapping connections, so that each is published once. The venue gives trades
 * no ID, and two real trades can be equal in every field, so equality alone does not prove a duplicate. Of equal
 * trades, as many are accepted as the connection with the most of them has delivered.
 */
export interface TradeMerge {
  /** Returns true when no connection has delivered this trade yet. */
  accept(connection: number, trade: MergeTrade): boolean;
}

/** Remembers the newest `memory` distinct trades; an overlap lasts seconds. */
export function createTradeMerge(memory = 4_096): TradeMerge {
  const seen = new Map<string, { passed: number; readonly delivered: Map<number, number> }>();
  return {
    accept: (connection, { price, quantity, takerSide, time }) => {
      const key = `${time} ${price} ${quantity} ${takerSide}`;
      const equal = seen.get(key) ?? { passed: 0, delivered: new Map<number, number>() };
      if (equal.passed === 0) {
        seen.set(key, equal);
        forgetOldest(seen, memory);
      }
      const delivered = (equal.delivered.get(connection) ?? 0) + 1;
      equal.delivered.set(connection, delivered);
      if (delivered <= equal.passed) return false;
      equal.passed = delivered;
      return true;
    },
  };
}

function forgetOldest(seen: Map<string, unknown>, memory: number): void {
  if (seen.size <= memory) return;
  const [oldest] = seen.keys();
  if (oldest !== undefined) seen.delete(oldest);
}
