import type { Problem } from './observation.ts';

export interface WithConditions {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
}

/** A condition that holds (or, asked for, that does not), in its own words. */
export function problemOf(
  { conditions = [] }: WithConditions,
  type: string,
  status: 'True' | 'False' = 'True',
): Problem | undefined {
  const holds = conditions.find((condition) => condition.type === type && condition.status === status);
  return holds === undefined ? undefined : { reason: holds.reason ?? type, message: holds.message ?? '' };
}
