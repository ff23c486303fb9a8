import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Side } from '../../shared/domain/side.ts';

export interface MergeTrade {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly takerSide: Side;
  readonly time: number;
}

/**
 * Merges the trades of one symbol from overlapping connections and from lists, so that each is published once. The
 * venue gives trades no ID, and two real trades can be equal in every field, so equality alone does not prove a
 * duplicate. Of equal trades, as many are accepted as the source with the most of them has.
 */
export interface TradeMerge {
  /** Returns true when no connection and no list has delivered this trade yet. */
  accept(connection: number, trade: MergeTrade): boolean;
  /** Returns the trades of a list that nothing has delivered yet, in the order of the list. */
  acceptList<T extends MergeTrade>(trades: readonly T[]): readonly T[];
}

interface Equal {
  /** How many equal trades were accepted. */
  passed: number;
  readonly delivered: Map<number, number>;
}

/** Remembers the newest `memory` distinct trades: an overlap lasts seconds, and a list has at most 1,000. */
export function createTradeMerge(memory = 4_096): TradeMerge {
  const seen = new Map<string, Equal>();
  const equalOf = ({ price, quantity, takerSide, time }: MergeTrade): Equal => {
    const key = `${time} ${price} ${quantity} ${takerSide}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const equal = { passed: 0, delivered: new Map<number, number>() };
    seen.set(key, equal);
    forgetOldest(seen, memory);
    return equal;
  };
  return {
    accept: (connection, trade) => {
      const equal = equalOf(trade);
      const delivered = (equal.delivered.get(connection) ?? 0) + 1;
      equal.delivered.set(connection, delivered);
      if (delivered <= equal.passed) return false;
      equal.passed = delivered;
      return true;
    },
    acceptList: (trades) => {
      const listed = new Map<Equal, number>();
      return trades.filter((trade) => {
        const equal = equalOf(trade);
        const count = (listed.get(equal) ?? 0) + 1;
        listed.set(equal, count);
        if (count <= equal.passed) return false;
        equal.passed = count;
        return true;
      });
    },
  };
}

function forgetOldest(seen: Map<string, unknown>, memory: number): void {
  if (seen.size <= memory) return;
  const [oldest] = seen.keys();
  if (oldest !== undefined) seen.delete(oldest);
}
