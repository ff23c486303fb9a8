import type { Decimal } from '../../../shared/domain/decimal.ts';
import { notionalOf } from '../../../shared/domain/instrument.ts';
import { leftOfCanary } from '../canary/canary-left.ts';
import { notionalIn, quoteRate } from '../currency/conversion.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import type { Draft } from '../sizing/draft.ts';
import { isDust } from '../sizing/smallest-order.ts';
import { refuse, text, type CheckOutcome } from './check-outcome.ts';

/** Bounds entries only: no exit waits for a canary, and none is counted. */
export function checkCanaryTerms(state: RiskState, { symbol, stance }: Signal): CheckOutcome {
  const { canary } = state;
  if (stance === 'Flat' || canary === undefined) return { inputs: {} };
  const inputs = { canarySymbols: canary.symbols?.join(' ') ?? null };
  if (!(canary.symbols?.includes(symbol) ?? true)) {
    const detail = `the new sender buys only ${inputs.canarySymbols} during its canary`;
    return refuse('OutsideCanaryInstruments', detail, inputs);
  }
  // What was bought and cannot be valued might have used all of the cap.
  const left = leftOfCanary(state);
  return typeof left === 'object' ? refuse('RateUnknown', left.detail, inputs) : { inputs };
}

/** `sizeOrder` has cut the entry to what is left. */
export function checkCanary(state: RiskState, { strategy, symbol }: Signal, draft: Draft): CheckOutcome {
  const left = draft.side === 'sell' ? undefined : leftOfCanary(state);
  if (left === undefined) return { inputs: {} };
  const rate = quoteRate(state, symbol);
  if (typeof left === 'object') return refuse('RateUnknown', left.detail, {});
  if (rate.kind === 'Missing') return refuse('RateUnknown', rate.detail, {});
  const inputs = { canaryLeft: text(left), canaryMaxNotional: text(state.canary?.maxNotional) };
  const isCovered = notionalIn(rate, notionalOf(draft.price, draft.quantity)) <= left;
  if (isCovered && !(isCut(state, strategy, left) && isDust(draft.quantity, state.market, draft.price)))
    return { inputs };
  const leaves = `execution.canary.maxNotional ${inputs.canaryMaxNotional} leaves ${inputs.canaryLeft}`;
  const problem = isCovered ? 'below the minimum of the venue' : 'less than the order';
  return refuse('CanaryCap', `${leaves} to buy, ${problem}`, inputs);
}

/** Whether the cap, and not the size of the strategy, made the order as small as it is. */
function isCut({ policy }: RiskState, strategy: string, left: Decimal): boolean {
  return policy.sizing.some((one) => one.strategy === strategy && left < one.orderNotional);
}
