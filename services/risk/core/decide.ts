import { approve } from '../../shared/domain/orders/approved.ts';
import { DecimalError } from '../../shared/domain/decimal.ts';
import { base32, clientOrderIdOf } from '../../shared/domain/ids.ts';
import { countedBy } from './canary/canary-left.ts';
import type { CheckOutcome, Inputs, RefusalCode } from './checks/check-outcome.ts';
import { ORDER_CHECKS, PRECONDITION_CHECKS } from './checks/checks.ts';
import { requoteTermsOf } from './entries/requote.ts';
import type { ApprovedOrder, RiskState, Signal } from './risk-state.ts';
import type { Draft, NoActionReason } from './sizing/draft.ts';
import { missingFunds } from './sizing/exit-funds.ts';
import type { ExitReach } from './sizing/exit-price.ts';
import { sizeOrder } from './sizing/size-order.ts';
import { stopInputs } from './stops/stop-inputs.ts';

/**
 * Outcome of a signal. NoAction, the outcome on almost every bar, means that the stance requires no order; it is not
 * recorded. Refused means that a check stopped an order that the stance requires. `inputs` holds the inputs of all
 * checks up to and including the one that decided. The detail of an approval names the part of a position that is not
 * sold because it is not there; it is empty otherwise.
 */
export type Decision =
  | { readonly kind: 'Approved'; readonly order: ApprovedOrder; readonly detail: string; readonly inputs: Inputs }
  | { readonly kind: 'Refused'; readonly code: RefusalCode; readonly detail: string; readonly inputs: Inputs }
  | { readonly kind: 'NoAction'; readonly reason: NoActionReason };

/**
 * Decides a signal. Sizes the order that would meet its stance, then runs every check in the order of `checks.ts`; the
 * first failure decides. The same state and signal give the same decision, byte for byte. A signal that requires no
 * order is never a refusal, whatever the market's state. Never throws because of numbers: an amount that does not fit a
 * decimal is a refusal too. `reach` says how far below the bid an exit may sell.
 */
export function decide(state: RiskState, signal: Signal, reach: ExitReach = 'Near'): Decision {
  try {
    return decideExactly(state, signal, reach);
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    const detail = `the order cannot be computed: ${error.code}`;
    return { kind: 'Refused', code: 'NotComputable', detail, inputs: { value: error.data.slice(0, 60) } };
  }
}

function decideExactly(state: RiskState, signal: Signal, reach: ExitReach): Decision {
  const sizing = sizeOrder(state, signal, reach);
  if (sizing.kind === 'NoAction') return sizing;
  const checked = runChecks(PRECONDITION_CHECKS, (check) => check(state, signal));
  const preconditions = { ...checked, inputs: { ...stopInputs(state, signal), ...checked.inputs } };
  if (preconditions.refusal !== undefined)
    return { kind: 'Refused', ...preconditions.refusal, inputs: preconditions.inputs };
  if (sizing.kind === 'Unpriced') {
    return {
      kind: 'Refused',
      code: 'CollarUnknown',
      detail: 'the order cannot be priced',
      inputs: preconditions.inputs,
    };
  }
  const { draft } = sizing;
  const checks = runChecks(ORDER_CHECKS, (check) => check(state, signal, draft));
  const inputs = { ...preconditions.inputs, side: draft.side, type: draft.type, ...checks.inputs };
  if (checks.refusal !== undefined) return { kind: 'Refused', ...checks.refusal, inputs };
  const detail = draft.side === 'sell' ? (missingFunds(state, signal)?.message ?? '') : '';
  return { kind: 'Approved', order: approvedOrder(state, signal, draft, inputs), detail, inputs };
}

/** Runs checks up to the first refusal. The outcome holds the inputs of every check that ran. */
function runChecks<Check>(
  checks: readonly { readonly check: Check }[],
  run: (check: Check) => CheckOutcome,
): CheckOutcome {
  const inputs: Record<string, Inputs[string]> = {};
  for (const { check } of checks) {
    const outcome = run(check);
    Object.assign(inputs, outcome.inputs);
    if (outcome.refusal !== undefined) return { refusal: outcome.refusal, inputs };
  }
  return { inputs };
}

function approvedOrder(state: RiskState, signal: Signal, draft: Draft, inputs: Inputs): ApprovedOrder {
  const { stack, nowMs, digest, policy, release } = state;
  const requote = requoteTermsOf(state, signal, draft);
  const deadline = nowMs + policy.orderDeadlineMs;
  const validUntilMs = signal.changedAt + policy.entryValidMs;
  return approve({
    decisionId: signal.id,
    stack,
    strategy: signal.strategy,
    clientOrderId: clientOrderIdOf(stack, signal.id, 0, digest),
    symbol: signal.symbol,
    ...draft,
    deadline,
    ...(draft.side === 'buy' && validUntilMs < deadline && { sendUntil: validUntilMs }),
    ...(requote !== undefined && { requote }),
    decidedAt: nowMs,
    ...countedBy(state, draft.side),
    riskHash: base32(digest(JSON.stringify(Object.entries(inputs).sort(byKey)))),
    release,
  });
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
