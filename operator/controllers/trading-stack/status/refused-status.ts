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
import type { Observation } from '../observe/observation.ts';
import { conditionLine, shortLine, statusText } from '../../../api/v1alpha1/status-text.ts';

export interface RefusedObject {
  readonly object: ChildObject;
  /** What was asked of the API server: to apply the object, to scale it to zero, or to delete it. */
  readonly write: 'Apply' | 'Scale' | 'Delete';
  readonly error: { readonly code: string; readonly message: string };
  /** Whether it passes without a change by a person: the server is overloaded, or others write the same object. */
  readonly transient: boolean;
}

const NOT_WRITTEN: Readonly<Record<RefusedObject['write'], string>> = {
  Apply: '',
  Scale: ' not scaled to zero',
  Delete: ' not deleted',
};

/** Returns what was refused, such as `ConfigMap demo-ws-1 not deleted`. */
export function refusedWrite({ object, write }: Pick<RefusedObject, 'object' | 'write'>): string {
  return `${object.kind} ${object.metadata?.name}${NOT_WRITTEN[write]}`;
}

/** What a refusal changes of a status, and what its step then waits for. */
interface Consequence {
  readonly changes: Readonly<Record<string, Condition['status']>>;
  readonly what: PlanWait['what'];
}

const PASSING: Consequence = { changes: { Ready: 'False', Reconciling: 'True' }, what: 'Blocker' };
const LASTING: Consequence = { changes: { Ready: 'False', Stalled: 'True' }, what: 'Stalled' };

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
  const line = conditionLine(`${refusalLine(shown)}${more}`);
  const { changes, what } = lasting === undefined ? PASSING : LASTING;
  const now = new Date(nowMs).toISOString();
  const conditions = status.conditions?.map((condition) => {
    const is = changes[condition.type];
    if (is === undefined) return condition;
    const before = stack.status.conditions?.find(({ type }) => type === condition.type);
    const lastTransitionTime = before?.status === is ? before.lastTransitionTime : now;
    return { ...condition, status: is, reason: 'ApplyRefused', message: line, lastTransitionTime };
  });
  const wait = { what, message: statusText(line) };
  return {
    ...status,
    ...(status.plan === undefined
      ? {}
      : { plan: planWith(status.plan, { ...refusedStep(shown, { stack, children }), waitingFor: [wait] }) }),
    ...(lasting === undefined || stack.deleting ? {} : { phase: 'Stalled' as const }),
    blockedBy: shortLine(line),
    ...(conditions === undefined ? {} : { conditions }),
  };
}

/** Names the service of the object in the subject; an object of no service is created with the first tier. */
function refusalLine(refused: RefusedObject): string {
  const { object, error } = refused;
  const objectName = refusedWrite(refused);
  const row = rowOf(object.metadata);
  const reason = 'ApplyRefused' satisfies keyof typeof GATE_REASONS;
  const text = `${error.code}: ${statusText(error.message)}`;
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
function refusedStep(
  { object: { kind, metadata }, write }: RefusedObject,
  { stack, children }: Pick<Observation, 'stack' | 'children'>,
): Omit<PlanStep, 'waitingFor'> {
  const row = rowOf(metadata);
  const name = metadata?.name ?? '';
  const isThere = children.some((child) => child.kind === kind && child.name === name);
  const list = write === 'Delete' ? 'remove' : isThere ? 'change' : 'create';
  const names = { [list]: [`${kind}/${name}`] };
  if (stack.deleting) return { action: 'Teardown', ...names };
  if (row !== undefined) return { action: 'Tier', tier: row.tier, ...names };
  return { action: write === 'Delete' ? 'CleanUp' : 'Prepare', ...names };
}

const LISTS = ['create', 'change', 'remove'] as const;

/** Adds the refusal to the step of the same tier; if there is none, as the first step, and a clean-up as the last. */
function planWith(plan: readonly PlanStep[], refused: PlanStep): PlanStep[] {
  const index = plan.findIndex(({ action, tier }) => action === refused.action && tier === refused.tier);
  const step = plan[index];
  if (step === undefined) return refused.action === 'CleanUp' ? [...plan, refused] : [refused, ...plan];
  const named = LISTS.filter((list) => refused[list] !== undefined).map((list) => [
    list,
    [...(refused[list] ?? []), ...(step[list] ?? [])].slice(0, PLAN_NAMES_MAX),
  ]);
  return plan.with(index, {
    ...step,
    ...Object.fromEntries(named),
    waitingFor: [...refused.waitingFor, ...step.waitingFor],
  });
}
