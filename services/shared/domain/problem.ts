/** Why something is not as it should be: the one shape behind failing checks, gates, conditions and refusals. */
export interface Problem {
  /** CamelCase code, stable across releases; every reason is listed in contracts/reasons.ts. */
  readonly reason: string;
  /** One or two sentences for a person: which object, what was observed, what to do. */
  readonly message: string;
}
