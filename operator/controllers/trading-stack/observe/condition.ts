import type { Problem } from '../../../../services/shared/domain/problem.ts';

export interface WithConditions {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
}

/** Returns reason and message of a condition with the given status; undefined if its status differs. */
export function problemOf(
  { conditions = [] }: WithConditions,
  type: string,
  status: 'True' | 'False' = 'True',
): Problem | undefined {
  const holds = conditions.find((condition) => condition.type === type && condition.status === status);
  return holds === undefined ? undefined : { reason: holds.reason ?? type, message: holds.message ?? '' };
}
