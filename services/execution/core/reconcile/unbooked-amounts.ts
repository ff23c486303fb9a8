import { add, divide, parseDecimal, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { balancesOf, postingsOf } from '../../../shared/domain/ledger.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import type { Fill, TradeTerms } from '../../../shared/domain/orders/fill.ts';
import type { DeadLetter } from '../dead-letter.ts';
import { fillProblem } from '../../../shared/domain/orders/fill-problem.ts';
import type { OrderRecord } from '../order-record.ts';

/** Amounts per asset. */
type Amounts = ReadonlyMap<string, Decimal>;

/** Fills of our orders that are not booked. */
export interface UnbookedFills {
  readonly letters: readonly DeadLetter[];
  /** Fills of orders whose rows were lost. */
  readonly lost: readonly Fill[];
}

/** Returns what they moved at the venue. A fill whose amounts cannot be computed, or cannot be true, is left out. */
export function unbookedAmounts({ letters, lost }: UnbookedFills): Amounts {
  const apart = letters.filter(({ kind }) => kind === 'Fill').map((letter) => amountsOf(() => termsOf(letter)));
  const ofLost = lost.map((fill) => amountsOf(() => plausible(fill)));
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

/** Returns the letters of fills in this asset whose amounts do not count, at least not their fee. */
export function uncountedFills(letters: readonly DeadLetter[], asset: string): readonly DeadLetter[] {
  return letters.filter((letter) => {
    if (letter.kind !== 'Fill') return false;
    const { base, quote } = assetsOf(letter.symbol);
    const { isCounted, feeAsset } = countingOf(letter);
    return !isCounted && [base, quote, feeAsset].includes(asset);
  });
}

function countingOf(letter: DeadLetter): { readonly isCounted: boolean; readonly feeAsset?: string | undefined } {
  let known: FillParts = {};
  try {
    known = partsOf(letter);
    termsOf(letter);
    return { isCounted: known.fee !== undefined && known.feeAsset !== undefined, feeAsset: known.feeAsset };
  } catch {
    return { isCounted: false, feeAsset: known.feeAsset };
  }
}

/** A fill as a letter has it: of one that cannot be read, only some parts are known. */
type FillParts = Partial<Record<keyof TradeTerms | 'quoteQuantity', string>>;

/** What a letter has of a fill, and of its order where that is known. */
interface FillPayload {
  readonly observation: { readonly fill: FillParts };
  readonly order?: Pick<OrderRecord, 'request'>;
}

function partsOf(letter: DeadLetter): FillParts {
  return payloadOf(letter).observation.fill;
}

function payloadOf({ payload }: DeadLetter): FillPayload {
  return JSON.parse(payload) as FillPayload;
}

/** A fee that is not known is left out. Throws when the amounts cannot be computed, or cannot be true. */
function termsOf(letter: DeadLetter): TradeTerms {
  const { symbol, side, feeAsset, fee, ...parts } = partsOf(letter);
  if (symbol === undefined || (side !== 'buy' && side !== 'sell')) throw new Error('pair or side is not known');
  const charged =
    fee === undefined || feeAsset === undefined ? { fee: ZERO, feeAsset: '' } : { fee: parseDecimal(fee), feeAsset };
  return plausible({ symbol, side, ...charged, ...priceAndQuantity(parts) }, payloadOf(letter).order);
}

function plausible(terms: TradeTerms, order?: Pick<OrderRecord, 'request'>): TradeTerms {
  const problem = fillProblem(terms, order?.request);
  if (problem !== undefined) throw new Error(problem);
  return terms;
}

/** Each follows from the other one and the amount in the quote asset. */
function priceAndQuantity({ price, quantity, quoteQuantity }: FillParts): Pick<TradeTerms, 'price' | 'quantity'> {
  const quoteOver = (amount: string | undefined): Decimal =>
    divide(parseDecimal(quoteQuantity ?? ''), parseDecimal(amount ?? ''), 'trunc');
  return {
    price: price === undefined ? quoteOver(quantity) : parseDecimal(price),
    quantity: quantity === undefined ? quoteOver(price) : parseDecimal(quantity),
  };
}

function amountsOf(read: () => TradeTerms): Amounts {
  try {
    return balancesOf(postingsOf(read()), 'venue');
  } catch {
    return new Map();
  }
}
