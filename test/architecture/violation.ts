/** A broken rule: where, which, and what to do about it. */
export interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

/** One line each, as a failed test prints them. */
export function describeViolations(violations: readonly Violation[]): readonly string[] {
  return violations.map(({ path, rule, message }) => `${path}: ${message} [${rule}]`);
}
