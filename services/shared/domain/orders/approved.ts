declare const approval: unique symbol;

/**
 * A value that passed every risk check. Only the core of risk creates one, and the reader of `risk.decisions` in
 * execution, where approvals are stored. Execution sends nothing else.
 */
export type Approved<T> = T & { readonly [approval]: true };

/**
 * Marks a value as approved. Only risk may call it, after its last check, and execution, on what it read from
 * `risk.decisions`.
 */
export function approve<T>(value: T): Approved<T> {
  return value as Approved<T>;
}

/**
 * How long an approval without an order counts after its deadline, in milliseconds. Its sender may still commit the
 * intent, with a clock that is behind ours. Exceeds the bounds of clock skew, signing window and commit time together.
 */
export const APPROVAL_GRACE_MS = 15_000;
