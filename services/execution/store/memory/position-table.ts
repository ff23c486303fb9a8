import { add, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';

/** Positions by strategy and symbol, such as `trend XRP/ETH`. */
export class PositionTable extends Map<string, Position> {
  /** Returns each position with its symbol. */
  bySymbol(): readonly (Position & { readonly symbol: string })[] {
    return [...this].map(([key, position]) => ({ symbol: key.split(' ')[1] ?? '', ...position }));
  }

  /** Returns the position in an instrument over all strategies, in base. */
  held(symbol: string): Decimal {
    const own = this.bySymbol().filter((position) => position.symbol === symbol);
    return own.map(({ quantity }) => quantity).reduce(add, ZERO);
  }
}
