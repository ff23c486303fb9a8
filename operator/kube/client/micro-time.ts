/**
 * Formats a time as `metav1.MicroTime`: RFC 3339 with exactly six fractional digits. The server rejects three digits,
 * the form to which a `Date` serialises (kubernetes-client/javascript#828).
 */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}
