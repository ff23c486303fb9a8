import { add, maximum, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { notionalOf } from '../../../shared/domain/instrument.ts';
import type { Side } from '../../../shared/domain/side.ts';
import { notionalIn, quoteRate } from '../currency/conversion.ts';
import type { MissingRate } from '../currency/rate.ts';
import type { RiskState } from '../risk-state.ts';
import type { SenderCanary } from './sender-canary.ts';

/** The first epoch of the canary that counts an entry; nothing without a canary, and for a sale. */
export function countedBy({ canary }: Pick<RiskState, 'canary'>, side: Side): { readonly canary?: number } {
  return canary === undefined || side === 'sell' ? {} : { canary: canary.since };
}

type Counted = Pick<RiskState, 'canary' | 'orders' | 'policy' | 'freshMarks' | 'marks'>;

/**
 * Returns what a canary still lets be bought, in the currency of the limits: at least zero. Approvals that have no
 * order yet count in full. Undefined without a canary. Without a rate of something that was bought, what is missing:
 * that might be any amount.
 */
export function leftOfCanary(state: Counted): Decimal | MissingRate | undefined {
  const { canary } = state;
  if (canary === undefined) return undefined;
  let used = ZERO;
  for (const [symbol, notional] of boughtBy(canary, state)) {
    const rate = quoteRate(state, symbol);
    if (rate.kind === 'Missing') return rate;
    used = add(used, notionalIn(rate, notional));
  }
  return maximum(ZERO, subtract(canary.maxNotional, used));
}

function boughtBy({ bought }: SenderCanary, { orders }: Counted): ReadonlyMap<string, Decimal> {
  const all = new Map([...bought].filter(([, notional]) => notional !== ZERO));
  for (const { side, state, symbol, price, quantity } of orders)
    if (side === 'buy' && state === 'Approved')
      all.set(symbol, add(all.get(symbol) ?? ZERO, notionalOf(price, quantity)));
  return all;
}
