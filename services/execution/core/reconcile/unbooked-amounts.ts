import { add, parseDecimal, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { balancesOf, postingsOf } from '../../../shared/domain/ledger.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import type { DeadLetter } from '../dead-letter.ts';

/** Amounts per asset. */
type Amounts = ReadonlyMap<string, Decimal>;

/** Fills of our orders that are not booked. */
export interface UnbookedFills {
  readonly letters: readonly DeadLetter[];
  /** Fills of orders whose rows were lost. */
  readonly lost: readonly Fill[];
}

/** Returns what they moved at the venue. A fill whose amounts cannot be computed is left out. */
export function unbookedAmounts({ letters, lost }: UnbookedFills): Amounts {
  const apart = letters.filter(({ kind }) => kind === 'Fill').map((letter) => amountsOf(() => fillOf(letter)));
  const ofLost = lost.map((fill) => amountsOf(() => fill));
  return [...apart, ...ofLost].reduce(sumOf, new Map());
}

export function sumOf(balances: Amounts, amounts: Amounts): Amounts {
  return combined(balances, amounts, add);
}

export function differenceOf(balances: Amounts, amounts: Amounts): Amounts {
  return combined(balances, amounts, subtract);
}

function combined(balances: Amounts, amounts: Amounts, combine: (a: Decimal, b: Decimal) => Decimal): Amounts {
  const result = new Map(balances);
  for (const [asset, amount] of amounts) result.set(asset, combine(result.get(asset) ?? ZERO, amount));
  return result;
}

function fillOf({ payload }: DeadLetter): Fill {
  const { observation } = JSON.parse(payload) as { readonly observation: { readonly fill: Fill } };
  const { fill } = observation;
  const decimal = (amount: unknown): Decimal => parseDecimal(String(amount));
  return { ...fill, price: decimal(fill.price), quantity: decimal(fill.quantity), fee: decimal(fill.fee) };
}

function amountsOf(read: () => Fill): Amounts {
  try {
    return balancesOf(postingsOf(read()), 'venue');
  } catch {
    return new Map();
  }
}
