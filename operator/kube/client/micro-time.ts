/**
 * `metav1.MicroTime`: RFC 3339 with exactly six digits. The server refuses a time with three, which is what a `Date`
 * turns into (kubernetes-client/javascript#828).
 */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}
