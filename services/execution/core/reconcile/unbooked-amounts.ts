import { add, parseDecimal, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { balancesOf, postingsOf } from '../../../shared/domain/ledger.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import type { DeadLetter } from '../dead-letter.ts';

/**
 * Returns the ledger with the fills that are set apart: the venue has executed them, and they are not booked. The
 * difference that they make is explained, so it is no drift. A fill whose amounts cannot be computed is left out.
 */
export function withUnbooked(
  ledger: ReadonlyMap<string, Decimal>,
  letters: readonly DeadLetter[],
): ReadonlyMap<string, Decimal> {
  const sums = new Map(ledger);
  for (const letter of letters) {
    if (letter.kind !== 'Fill') continue;
    for (const [asset, amount] of amountsOf(letter)) sums.set(asset, add(sums.get(asset) ?? ZERO, amount));
  }
  return sums;
}

function amountsOf({ payload }: DeadLetter): ReadonlyMap<string, Decimal> {
  try {
    const { observation } = JSON.parse(payload) as { readonly observation: { readonly fill: Fill } };
    const { fill } = observation;
    const decimal = (amount: unknown): Decimal => parseDecimal(String(amount));
    const amounts = { price: decimal(fill.price), quantity: decimal(fill.quantity), fee: decimal(fill.fee) };
    return balancesOf(postingsOf({ ...fill, ...amounts }), 'venue');
  } catch {
    return new Map();
  }
}
