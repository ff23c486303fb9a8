import { formatDecimal, multiply, subtract, type Decimal } from '../../shared/domain/decimal.ts';
import type { Position } from '../../shared/domain/position.ts';

/** Positions over all strategies of a stack, and the number of orders and fills. */
export interface Portfolio {
  readonly orders: number;
  readonly fills: number;
  readonly positions: readonly (Position & { readonly symbol: string })[];
}

/** One position of a snapshot, marked to market. */
export interface Valuation {
  readonly symbol: string;
  readonly quantity: Decimal;
  readonly mark: Decimal;
  /** Profit of the closed parts less fees in the quote asset, in quote. */
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

/** Returns `position.XRP/ETH`, `realised.XRP/ETH` and `unrealised.XRP/ETH` as decimal strings, for people. */
export function portfolioFigures(
  portfolio: Portfolio,
  marks: ReadonlyMap<string, Decimal>,
): Readonly<Record<string, string>> {
  const held = portfolio.positions.flatMap(({ symbol, quantity, realised }) => [
    [`position.${symbol}`, formatDecimal(quantity)] as const,
    [`realised.${symbol}`, formatDecimal(realised)] as const,
  ]);
  const open = valuationsOf(portfolio, marks).map(
    ({ symbol, unrealised }) => [`unrealised.${symbol}`, formatDecimal(unrealised)] as const,
  );
  return Object.fromEntries([...held, ...open]);
}
