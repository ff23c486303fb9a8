import type { Check } from './check.ts';
import { CONTAINER_CHECKS } from './container-checks.ts';
import { OBJECT_CHECKS } from './object-checks.ts';
import { POD_CHECKS } from './pod-checks.ts';
import type { Rendered } from './rendered.ts';
import { ROLE_CHECKS } from './role-checks.ts';

/** Every rule that objects can show. docs/security.md says how the others are met. */
export const SECURITY_CHECKS: readonly Check[] = [...POD_CHECKS, ...CONTAINER_CHECKS, ...OBJECT_CHECKS, ...ROLE_CHECKS];

/** Returns each broken rule with the object that breaks it, as `rule: kind name`. */
export function securityProblems(objects: readonly Rendered[]): readonly string[] {
  return SECURITY_CHECKS.flatMap(({ id, offenders }) => offenders(objects).map((object) => `${id}: ${object}`));
}
