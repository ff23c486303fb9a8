import type { Comparison } from './comparison.ts';

/** Says what is not compared, and why. */
export function comparisonText(name: string, { failure }: Comparison): string {
  if (failure === undefined) return `${name}: not compared with the venue`;
  const { step, problem } = failure;
  return step === name ? `${name}: ${problem}` : `${name}: ${step}: ${problem}`;
}

/** Says for how long it has not been compared. Monotonic milliseconds. */
export function sinceText(
  { comparedMs, failure }: Comparison,
  { nowMs, grantedMs }: { readonly nowMs: number; readonly grantedMs: number },
): string {
  const seconds = (fromMs: number): string => `${Math.round((nowMs - fromMs) / 1_000)} s`;
  const failing = failure === undefined ? '' : `, for ${seconds(failure.sinceMs)}`;
  return comparedMs === undefined
    ? `${failing}, not compared since the fence was taken ${seconds(grantedMs)} ago`
    : `${failing}, last compared ${seconds(comparedMs)} ago`;
}
