import type { GATE_REASONS } from '../../../../services/shared/contracts/reasons/gates.ts';
import { CATALOGUE } from '../../../../services/shared/contracts/catalogue.ts';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import { SERVICE_LABEL } from '../../../api/v1alpha1/labels.ts';
import type { Condition } from '../../../api/v1alpha1/conditions.ts';
import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ChildObject } from '../../../resources/child-object.ts';
import { blockerLine, gateSubject } from '../rollout/blocker.ts';
import { APPLIED } from '../rollout/gates.ts';
import type { Observation } from '../observe/observation.ts';
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
  { stack, nowMs }: Pick<Observation, 'stack' | 'nowMs'>,
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
  return {
    ...status,
    ...(lasting === undefined ? {} : { phase: 'Stalled' as const }),
    blockedBy: shortLine(line),
    ...(conditions === undefined ? {} : { conditions }),
  };
}

/** Names the service of the object in the subject; an object of no service is created with the first tier. */
function refusalLine({ kind, metadata }: ChildObject, { code, message }: RefusedObject['error']): string {
  const objectName = `${kind} ${metadata?.name}`;
  const row = CATALOGUE.find(({ name }) => name === metadata?.labels?.[SERVICE_LABEL]);
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
