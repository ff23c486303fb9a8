import type { ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import { decide } from './decide.ts';
import { mayRequote } from './entries/entry-plan.ts';
import { mayExit } from './exits/exit.ts';
import type { RiskState, Signal } from './risk-state.ts';
import type { ExitReach } from './sizing/exit-price.ts';
import { timingRejection } from './stances/signal-timing.ts';
import type { WantedStance } from './stances/wanted-stance.ts';

/** A decision as it is stored. */
export interface RecordedDecision {
  /** `Approved`, or the code of the refusal. */
  readonly code: string;
  readonly detail: string;
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
  /** Undefined when refused. */
  readonly order: ApprovedOrderPayload | undefined;
}

/**
 * Result of the rule: a decision to store, or no action, which is not recorded. `wants` is the stance that the rule
 * accepted; it is stored in either case.
 */
export type Ruling = { readonly wants?: WantedStance } & (
  | { readonly kind: 'Decided'; readonly decision: RecordedDecision }
  | { readonly kind: 'NoAction'; readonly reason: string }
);

/** What becomes of a signal. Pure, as the store requires: it runs again when its transaction is retried. */
export type RulingOf = (state: RiskState, signal: Signal) => Ruling;

export function ruleSignal(state: RiskState, signal: Signal): Ruling {
  const reason = timingRejection(state, signal);
  if (reason !== undefined) return { kind: 'NoAction', reason };
  const { strategy, symbol, stance, barClose, changedAt } = signal;
  return { ...rule(state, signal), wants: { strategy, symbol, stance, barClose, changedAt } };
}

export function ruleExit(state: RiskState, signal: Signal): Ruling {
  return mayExit(state, signal) ? rule(state, signal, 'Collar') : { kind: 'NoAction', reason: 'NotLeaving' };
}

export function ruleEntry(state: RiskState, signal: Signal): Ruling {
  return mayRequote(state, signal) ? rule(state, signal) : { kind: 'NoAction', reason: 'NotEntering' };
}

function rule(state: RiskState, signal: Signal, reach?: ExitReach): Ruling {
  const outcome = decide(state, signal, reach);
  if (outcome.kind === 'NoAction') return outcome;
  const { detail, inputs } = outcome;
  const decision =
    outcome.kind === 'Approved'
      ? { code: 'Approved', detail, inputs, order: payloadOf(outcome.order) }
      : { code: outcome.code, detail, inputs, order: undefined };
  return { kind: 'Decided', decision };
}

/** Whether a ruling buys nothing and accepts no stance that may buy later. */
export function takesNoRisk(ruling: Ruling): boolean {
  const order = ruling.kind === 'Decided' ? ruling.decision.order : undefined;
  return (
    (ruling.wants === undefined || ruling.wants.stance === 'Flat') && (order === undefined || order.side === 'sell')
  );
}

type ApprovedDecision = Extract<ReturnType<typeof decide>, { kind: 'Approved' }>;

function payloadOf({ requote, ...order }: ApprovedDecision['order']): ApprovedOrderPayload {
  const amounts = { price: formatDecimal(order.price), quantity: formatDecimal(order.quantity) };
  if (requote === undefined) return { ...order, ...amounts };
  return { ...order, ...amounts, requote: { ...requote, above: formatDecimal(requote.above) } };
}
