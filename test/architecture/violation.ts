/** A broken rule: where, which rule, and what is wrong. */
export interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

/** Returns one line per violation, as a failed test prints them. */
export function describeViolations(violations: readonly Violation[]): readonly string[] {
  return violations.map(({ path, rule, message }) => `${path}: ${message} [${rule}]`);
}
