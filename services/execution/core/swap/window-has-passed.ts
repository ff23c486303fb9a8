import { acceptableForMs, type VisibilityRules } from '../unknown-schedule.ts';

/** When this process was granted the fence, monotonic milliseconds, and whether the previous holder had drained. */
export interface GrantedAt {
  readonly atMs: number;
  readonly drained: boolean;
}

/**
 * Whether the venue can no longer accept any request that an older sender signed: no intent of it was committed after
 * the grant, and each is signed by the time of its commit. A drained holder left no request behind. Monotonic
 * milliseconds.
 */
export function windowHasPassed(
  grant: GrantedAt | undefined,
  nowMs: number,
  rules: Omit<VisibilityRules, 'visibilityMs'>,
): boolean {
  if (grant === undefined) return false;
  return grant.drained || nowMs - grant.atMs >= acceptableForMs(rules);
}
