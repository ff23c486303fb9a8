import { formatDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import type { TradeTerms } from '../../../shared/domain/orders/fill.ts';
import { FLAT, type Position } from '../../../shared/domain/position.ts';
import { effectsOf, type FillEffects } from '../order-effects.ts';

/** A trade of the account that the stack did not make. A person books it for a strategy. */
export interface ManualTrade extends TradeTerms {
  readonly id: string;
  readonly strategy: string;
  readonly author: string;
  readonly reason: string;
}

/** Names that are no mistake: the configured symbols, and assets of the venue, of the ledger or of a symbol. */
export interface KnownNames {
  readonly symbols: ReadonlySet<string>;
  readonly assets: ReadonlySet<string>;
}

/** What a trade by hand changes, or why it cannot be booked. */
export type ManualEffects = FillEffects | { readonly problem: string };

/**
 * Returns what a trade by hand changes, which is what a fill of the strategy changes, or why it cannot be booked.
 * `position` is undefined when the strategy never had one in the symbol. Throws DecimalError when an amount is out of
 * range.
 */
export function manualEffects(
  trade: ManualTrade,
  position: Position | undefined,
  { symbols, assets }: KnownNames,
): ManualEffects {
  const { strategy, symbol, feeAsset } = trade;
  const { base, quote } = assetsOf(symbol);
  const before = position ?? FLAT;
  if (position === undefined && !symbols.has(symbol))
    return { problem: `${symbol} is not configured, and the strategy ${strategy} has no position in it` };
  if (trade.fee !== ZERO && feeAsset !== base && feeAsset !== quote && !assets.has(feeAsset))
    return { problem: `${feeAsset}, the asset of the fee, is unknown` };
  const effects = effectsOf(trade, before);
  const { quantity } = effects.position;
  if (quantity >= ZERO || quantity >= before.quantity) return effects;
  const holds = `the strategy ${strategy} holds ${formatDecimal(before.quantity)} ${base} in ${symbol}`;
  return { problem: `${holds}: the trade would leave ${formatDecimal(quantity)}` };
}
