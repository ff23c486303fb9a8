import { approve } from '../../shared/domain/approved.ts';
import { base32, clientOrderIdOf } from '../../shared/domain/ids.ts';
import { GATE_CHECKS, ORDER_CHECKS, type CheckOutcome, type Inputs, type RefusalCode } from './checks/checks.ts';
import type { ApprovedOrder, RiskState, Signal } from './risk-state.ts';
import { sizeOrder, type Draft, type NoActionReason } from './sizing/size-order.ts';

/**
 * The outcome of a signal. NoAction means that there is nothing to do for the stance, as on almost every bar; it leaves no record. A refusal stopped
 * an order that the stance asked for. `inputs` is what the checks saw, up to and including the one that decided.
 */
export type Decision =
  | { readonly kind: 'Approved'; readonly order: ApprovedOrder; readonly inputs: Inputs }
  | { readonly kind: 'Refused'; readonly code: RefusalCode; readonly detail: string; readonly inputs: Inputs }
  | { readonly kind: 'NoAction'; readonly reason: NoActionReason };

/**
 * Decides on a signal: what would meet its stance, then every check in its visible order, the first failure deciding. The same state and signal give
 * the same decision, byte for byte. A signal that asks for nothing is no refusal, whatever the market's state.
 */
export function decide(state: RiskState, signal: Signal): Decision {
  const sizing = sizeOrder(state, signal);
  if (sizing.kind === 'NoAction') return sizing;
  const gates = run(
    GATE_CHECKS.map(
      ({ check }) =>
        () =>
          check(state, signal),
    ),
  );
  if (gates.refusal !== undefined) return { kind: 'Refused', ...gates.refusal, inputs: gates.inputs };
  if (sizing.kind === 'Unpriced') {
    return { kind: 'Refused', code: 'CollarUnknown', detail: 'the order cannot be priced', inputs: gates.inputs };
  }
  const { draft } = sizing;
  const checks = run(
    ORDER_CHECKS.map(
      ({ check }) =>
        () =>
          check(state, signal, draft),
    ),
  );
  const inputs = { ...gates.inputs, side: draft.side, type: draft.type, ...checks.inputs };
  if (checks.refusal !== undefined) return { kind: 'Refused', ...checks.refusal, inputs };
  return { kind: 'Approved', order: approvedOrder(state, signal, draft, inputs), inputs };
}

interface Findings {
  readonly refusal: { readonly code: RefusalCode; readonly detail: string } | undefined;
  readonly inputs: Inputs;
}

function run(checks: readonly (() => CheckOutcome)[]): Findings {
  const inputs: Record<string, Inputs[string]> = {};
  for (const check of checks) {
    const outcome = check();
    Object.assign(inputs, outcome.inputs);
    if (outcome.refusal !== undefined) return { refusal: outcome.refusal, inputs };
  }
  return { refusal: undefined, inputs };
}

function approvedOrder(state: RiskState, signal: Signal, draft: Draft, inputs: Inputs): ApprovedOrder {
  const { stack, now, digest, policy, release } = state;
  return approve({
    decisionId: signal.id,
    stack,
    strategy: signal.strategy,
    clientOrderId: clientOrderIdOf(stack, signal.id, 0, digest),
    symbol: signal.symbol,
    ...draft,
    deadline: now + policy.orderDeadlineMs,
    decidedAt: now,
    riskHash: base32(digest(JSON.stringify(Object.entries(inputs).sort(byKey)))),
    release,
  });
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
