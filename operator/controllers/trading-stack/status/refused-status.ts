import type { GATE_REASONS } from '../../../../services/shared/contracts/reasons/gates.ts';
import { CATALOGUE } from '../../../../services/shared/contracts/catalogue.ts';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import { SERVICE_LABEL } from '../../../api/v1alpha1/labels.ts';
import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ChildObject } from '../../../resources/child-object.ts';
import { blockerLine, gateSubject } from '../rollout/blocker.ts';
import { APPLIED } from '../rollout/gates.ts';
import type { Observation } from '../observe/observation.ts';
import { shortLine, statusText } from '../../../api/v1alpha1/status-text.ts';

export interface RefusedObject {
  readonly object: ChildObject;
  readonly error: { readonly code: string; readonly message: string };
}

/**
 * Returns the status for an object that the API server rejects because of a quota, a policy or a missing permission.
 * The operator keeps retrying.
 */
export function refusedStatus(
  status: TradingStackStatus,
  { object, error }: RefusedObject,
  { stack, nowMs }: Pick<Observation, 'stack' | 'nowMs'>,
): TradingStackStatus {
  const line = refusalLine(object, error);
  const now = new Date(nowMs).toISOString();
  const conditions = status.conditions?.map((condition) => {
    if (condition.type !== 'Ready' && condition.type !== 'Stalled') return condition;
    const before = stack.status.conditions?.find(({ type }) => type === condition.type);
    const is = condition.type === 'Stalled' ? ('True' as const) : ('False' as const);
    const lastTransitionTime = before?.status === is ? before.lastTransitionTime : now;
    return { ...condition, status: is, reason: 'ApplyRefused', message: line, lastTransitionTime };
  });
  return {
    ...status,
    phase: 'Stalled',
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
