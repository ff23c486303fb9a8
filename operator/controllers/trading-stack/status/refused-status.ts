import type { GATE_REASONS } from '../../../../services/shared/contracts/reasons/gates.ts';
import { CATALOGUE, type CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import { SERVICE_LABEL } from '../../../api/v1alpha1/labels.ts';
import type { Condition } from '../../../api/v1alpha1/conditions.ts';
import {
  PLAN_NAMES_MAX,
  type PlanStep,
  type PlanWait,
  type TradingStackStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ChildObject } from '../../../resources/child-object.ts';
import { blockerLine, gateSubject } from '../rollout/blocker.ts';
import { APPLIED } from '../rollout/gates.ts';
import type { Observation, ObservedChild } from '../observe/observation.ts';
import { conditionLine, shortLine, statusText } from '../../../api/v1alpha1/status-text.ts';

export interface RefusedObject {
  readonly object: ChildObject;
  readonly error: { readonly code: string; readonly message: string };
  /** Whether it passes without a change by a person: the API server is overloaded or does not answer. */
  readonly transient: boolean;
}

/**
 * Returns the status for objects that the API server rejects. A quota, a policy or a missing permission stalls the
 * stack until a person acts; an overloaded API server only delays it. The operator keeps retrying in both cases.
 */
export function refusedStatus(
  status: TradingStackStatus,
  refusals: readonly RefusedObject[],
  { stack, nowMs, children }: Pick<Observation, 'stack' | 'nowMs' | 'children'>,
): TradingStackStatus {
  const lasting = refusals.find(({ transient }) => !transient);
  const shown = lasting ?? refusals[0];
  if (shown === undefined) return status;
  const more = refusals.length === 1 ? '' : ` (and ${refusals.length - 1} more)`;
  const line = conditionLine(`${refusalLine(shown.object, shown.error)}${more}`);
  const changes: Readonly<Record<string, Condition['status']>> =
    lasting === undefined ? { Ready: 'False', Reconciling: 'True' } : { Ready: 'False', Stalled: 'True' };
  const now = new Date(nowMs).toISOString();
  const conditions = status.conditions?.map((condition) => {
    const is = changes[condition.type];
    if (is === undefined) return condition;
    const before = stack.status.conditions?.find(({ type }) => type === condition.type);
    const lastTransitionTime = before?.status === is ? before.lastTransitionTime : now;
    return { ...condition, status: is, reason: 'ApplyRefused', message: line, lastTransitionTime };
  });
  const wait = { what: lasting === undefined ? 'Blocker' : 'Stalled', message: statusText(line) } as const;
  return {
    ...status,
    ...(status.plan === undefined ? {} : { plan: planWith(status.plan, refusedStep(shown.object, children, wait)) }),
    ...(lasting === undefined ? {} : { phase: 'Stalled' as const }),
    blockedBy: shortLine(line),
    ...(conditions === undefined ? {} : { conditions }),
  };
}

/** Names the service of the object in the subject; an object of no service is created with the first tier. */
function refusalLine({ kind, metadata }: ChildObject, { code, message }: RefusedObject['error']): string {
  const objectName = `${kind} ${metadata?.name}`;
  const row = rowOf(metadata);
  const reason = 'ApplyRefused' satisfies keyof typeof GATE_REASONS;
  const text = `${code}: ${statusText(message)}`;
  return row === undefined
    ? blockerLine({ subject: gateSubject(TIERS[0], APPLIED, objectName), reason, message: text })
    : blockerLine({
        subject: gateSubject(row.tier, APPLIED, row.name),
        reason,
        message: `${objectName}: ${text}`,
      });
}

function rowOf(metadata: ChildObject['metadata']): CatalogueRow | undefined {
  return CATALOGUE.find(({ name }) => name === metadata?.labels?.[SERVICE_LABEL]);
}

/** The write that was refused, which is a step again. */
function refusedStep({ kind, metadata }: ChildObject, children: readonly ObservedChild[], wait: PlanWait): PlanStep {
  const row = rowOf(metadata);
  const name = metadata?.name ?? '';
  const isThere = children.some((child) => child.kind === kind && child.name === name);
  return {
    ...(row === undefined ? { action: 'Prepare' } : { action: 'Tier', tier: row.tier }),
    [isThere ? 'change' : 'create']: [`${kind}/${name}`],
    waitingFor: [wait],
  };
}

/** Adds the refusal to the step of the same tier; as the first step if there is none. */
function planWith(plan: readonly PlanStep[], refused: PlanStep): PlanStep[] {
  const index = plan.findIndex(({ action, tier }) => action === refused.action && tier === refused.tier);
  const step = plan[index];
  if (step === undefined) return [refused, ...plan];
  const { create = [], change = [], waitingFor } = refused;
  const named = {
    ...(create.length === 0 ? {} : { create: [...create, ...(step.create ?? [])].slice(0, PLAN_NAMES_MAX) }),
    ...(change.length === 0 ? {} : { change: [...change, ...(step.change ?? [])].slice(0, PLAN_NAMES_MAX) }),
  };
  return plan.with(index, { ...step, ...named, waitingFor: [...waitingFor, ...step.waitingFor] });
}
