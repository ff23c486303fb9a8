import { formatDecimal, multiply, subtract, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import { assetsOf } from '../../shared/domain/instrument.ts';
import type { Position } from '../../shared/domain/position.ts';

/** Positions over all strategies of a stack, the fees that no profit contains, and the number of orders and fills. */
export interface Portfolio {
  readonly orders: number;
  readonly fills: number;
  readonly positions: readonly (Position & { readonly symbol: string })[];
  /** Fees in neither asset of their pair, by asset. */
  readonly thirdAssetFees: ReadonlyMap<string, Decimal>;
}

/** More assets than a venue charges fees in. */
const FEES_SHOWN_MAX = 20;

/** One position of a snapshot, marked to market. */
export interface Valuation {
  readonly symbol: string;
  readonly quantity: Decimal;
  readonly mark: Decimal;
  /** Profit of the closed parts less fees in the quote asset, in quote. Fees in a third asset are beside it. */
  readonly realised: Decimal;
  /** Value at the mark less cost, in quote, rounded down. */
  readonly unrealised: Decimal;
}

/** Values each position at its mark. A position without a mark is omitted, because any value would be wrong. */
export function valuationsOf(portfolio: Portfolio, marks: ReadonlyMap<string, Decimal>): readonly Valuation[] {
  return portfolio.positions.flatMap(({ symbol, quantity, cost, realised }) => {
    const mark = marks.get(symbol);
    if (mark === undefined) return [];
    return [{ symbol, quantity, mark, realised, unrealised: subtract(multiply(quantity, mark, 'floor'), cost) }];
  });
}

/**
 * Returns for people `position.XRP/ETH` as a decimal string, `realised.XRP/ETH` and `unrealised.XRP/ETH` with their
 * currency, such as `0.1 ETH`, and beside them `thirdAssetFees.MX`, such as `0.2 MX`.
 */
export function portfolioFigures(portfolio: Portfolio, marks: ReadonlyMap<string, Decimal>): Record<string, string> {
  const held = portfolio.positions.flatMap(({ symbol, quantity, realised }) => [
    [`position.${symbol}`, formatDecimal(quantity)] as const,
    [`realised.${symbol}`, inAsset(realised, assetsOf(symbol).quote)] as const,
  ]);
  const open = valuationsOf(portfolio, marks).map(({ symbol, unrealised }) => {
    return [`unrealised.${symbol}`, inAsset(unrealised, assetsOf(symbol).quote)] as const;
  });
  const fees = [...portfolio.thirdAssetFees]
    .filter(([, fee]) => fee !== ZERO)
    .slice(0, FEES_SHOWN_MAX)
    .map(([asset, fee]) => [`thirdAssetFees.${asset}`, inAsset(fee, asset)] as const);
  return Object.fromEntries([...held, ...open, ...fees]);
}

function inAsset(amount: Decimal, asset: string): string {
  return `${formatDecimal(amount)} ${asset}`;
}
