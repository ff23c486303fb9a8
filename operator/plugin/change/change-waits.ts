import { ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { nextOpening } from '../../api/v1alpha1/trading-stack/rollout/window.ts';
import type { TradingStackSpec } from '../../api/v1alpha1/trading-stack/spec.ts';
import type { PlanWait, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { windowText } from '../../controllers/trading-stack/rollout/swap/swap-view.ts';
import { isObserved } from '../view/stack-report.ts';
import type { DryRun } from './dry-run.ts';

export interface WaitsInput extends DryRun {
  readonly status: TradingStackStatus;
  readonly nowMs: number;
  /** Names of the other stacks of the namespace; undefined if they may not be listed. */
  readonly others: readonly string[] | undefined;
}

/** Returns what the first step of a change would wait for. */
export function changeWaits(
  { suspend, rollout: { window } }: TradingStackSpec,
  input: WaitsInput,
): readonly PlanWait[] {
  const opensMs = window === undefined ? undefined : nextOpening(window, input.nowMs);
  const rollbackTo = input.next.metadata.annotations?.[ROLLBACK_ANNOTATION] ?? '';
  return [
    ...(input.present === undefined ? namespaceWaits(input) : presentWaits(input)),
    ...(opensMs === undefined ? [] : [wait('Window', windowText(opensMs))]),
    ...(suspend ? [wait('Suspension', 'spec.suspend')] : []),
    ...(rollbackTo === '' ? [] : [wait('Annotation', `annotation ${ROLLBACK_ANNOTATION}=${rollbackTo}`)]),
  ];
}

/** A namespace has one stack: the operator leaves another one alone. */
function namespaceWaits({ next, others = [] }: WaitsInput): readonly PlanWait[] {
  const [other] = others;
  if (other === undefined) return [];
  const namespace = next.metadata.namespace ?? '';
  return [wait('Blocker', `namespace ${namespace} belongs to TradingStack ${other}; use another namespace`)];
}

function presentWaits({ status, nowMs }: WaitsInput): readonly PlanWait[] {
  const { transition, active } = status.execution ?? {};
  const isSwapping = transition?.from !== undefined && active !== transition.from && active !== transition.to;
  return [
    ...(isObserved({ status, nowMs }) ? [] : [wait('Blocker', 'no operator observes the stack')]),
    ...(isSwapping ? [wait('Swap', 'the swap of the sender in hand')] : []),
  ];
}

function wait(what: PlanWait['what'], message: string): PlanWait {
  return { what, message };
}
