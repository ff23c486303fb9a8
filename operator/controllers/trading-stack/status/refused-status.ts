import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ChildObject } from '../../../resources/child-object.ts';
import type { Observation } from '../observe/observation.ts';
import { conditionLine, shortLine, statusText } from '../../../api/v1alpha1/status-text.ts';

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
  const line = conditionLine(
    `apply/${object.kind} ${object.metadata?.name}: ${error.code} - ${statusText(error.message)}`,
  );
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
