import { assetsOf } from '../../../shared/domain/instrument.ts';
import { divideBigint, ONE, type Decimal, type Rounding } from '../../../shared/domain/decimal.ts';

/** How many units of the currency one unit of an asset is worth, as an exact fraction. Both parts are above zero. */
export interface Rate {
  readonly kind: 'Rate';
  readonly dividend: bigint;
  readonly divisor: bigint;
}

/** An asset has no rate. */
export interface MissingRate {
  readonly kind: 'Missing';
  /** What is missing, for people: the pairs without a live price. */
  readonly detail: string;
}

/** Where rates come from. */
export interface RateSource {
  /** Undefined: the pairs have several quote assets, and the settings name no currency. */
  readonly currency: string | undefined;
  /** The configured pairs, in order. */
  readonly symbols: readonly string[];
  /** Mid price of each pair that counts, in quote per base. */
  readonly marks: ReadonlyMap<string, Decimal>;
}

const UNIT: Rate = { kind: 'Rate', dividend: 1n, divisor: 1n };

/**
 * Returns what one unit of an asset is worth: 1 for the currency itself, the price of a configured pair of the two in
 * either direction, or the prices of two pairs with one asset between them. The first of these that has prices counts.
 */
export function rateOf(asset: string, { currency, symbols, marks }: RateSource): Rate | MissingRate {
  if (currency === undefined) {
    const detail = 'risk.currency is not set, and the pairs have several quote assets';
    return { kind: 'Missing', detail };
  }
  if (asset === currency) return UNIT;
  const paths = pathsBetween(asset, currency, symbols);
  for (const path of paths) {
    const rate = alongPath(asset, path, marks);
    if (rate !== undefined) return rate;
  }
  return { kind: 'Missing', detail: missingDetail(asset, currency, { path: paths[0], marks }) };
}

/** Converts an amount of the asset to the currency. May exceed the range of a decimal. */
export function toCurrency(amount: bigint, { dividend, divisor }: Rate, rounding: Rounding): bigint {
  return divideBigint(amount * dividend, divisor, rounding);
}

/** Converts an amount of the currency to the asset. May exceed the range of a decimal. */
export function fromCurrency(amount: bigint, { dividend, divisor }: Rate, rounding: Rounding): bigint {
  return divideBigint(amount * divisor, dividend, rounding);
}

/** By the list of a configuration: each decision asks for each instrument. */
const onlyQuotes = new WeakMap<readonly string[], { readonly quote: string | undefined }>();

/** The only quote asset of the pairs; undefined if they have several. The list must not change. */
export function onlyQuote(symbols: readonly string[]): string | undefined {
  const known = onlyQuotes.get(symbols);
  if (known !== undefined) return known.quote;
  const quotes = new Set(symbols.map((symbol) => assetsOf(symbol).quote));
  const quote = quotes.size === 1 ? [...quotes][0] : undefined;
  onlyQuotes.set(symbols, { quote });
  return quote;
}

type Path = readonly string[];

/** One pair first, then two. */
function pathsBetween(from: string, to: string, symbols: readonly string[]): readonly Path[] {
  const direct = symbols.filter((symbol) => otherAsset(symbol, from) === to).map((symbol) => [symbol]);
  const overAnother = symbols.flatMap((first) => {
    const between = otherAsset(first, from);
    if (between === undefined || between === to) return [];
    return symbols.filter((second) => otherAsset(second, between) === to).map((second) => [first, second]);
  });
  return [...direct, ...overAnother];
}

function otherAsset(symbol: string, asset: string): string | undefined {
  const { base, quote } = assetsOf(symbol);
  if (base === asset) return quote;
  return quote === asset ? base : undefined;
}

function alongPath(from: string, path: Path, marks: RateSource['marks']): Rate | undefined {
  let rate = UNIT;
  let asset = from;
  for (const symbol of path) {
    const mark = marks.get(symbol);
    if (mark === undefined || mark <= 0n) return undefined;
    const { base, quote } = assetsOf(symbol);
    const [dividend, divisor] = asset === base ? [mark, ONE] : [ONE, mark];
    rate = { kind: 'Rate', dividend: rate.dividend * dividend, divisor: rate.divisor * divisor };
    asset = asset === base ? quote : base;
  }
  return rate;
}

function missingDetail(
  asset: string,
  currency: string,
  { path, marks }: { readonly path: Path | undefined; readonly marks: RateSource['marks'] },
): string {
  if (path === undefined) return `no configured pair converts ${asset} to ${currency}, such as ${asset}/${currency}`;
  const missing = path.filter((symbol) => !((marks.get(symbol) ?? 0n) > 0n));
  return `no live price of ${missing.join(', ')} to convert ${asset} to ${currency}`;
}
