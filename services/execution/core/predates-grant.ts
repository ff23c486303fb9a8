/**
 * Whether risk decided before the grant of the fence, which is at `wallMs` by the clock of this process. The clock of
 * risk may be ahead by `skewBoundMs`: when the record went back, an approval that only looks newer counts as older, or
 * its order could be sent a second time. When it did not, every order that was sent has its row, so no tolerance is
 * needed. UTC milliseconds.
 */
export function predatesGrant(
  decidedAtMs: number,
  grant: { readonly wallMs: number; readonly recordWentBack: boolean } | undefined,
  skewBoundMs: number,
): boolean {
  return grant !== undefined && decidedAtMs <= grant.wallMs + (grant.recordWentBack ? skewBoundMs : 0);
}

/**
 * Whether risk decided after the grant, even if its clock is ahead by `skewBoundMs`. Of such an approval, only the
 * holder of the grant can have sent the order. UTC milliseconds.
 */
export function followsGrant(
  decidedAtMs: number,
  grant: { readonly wallMs: number } | undefined,
  skewBoundMs: number,
): boolean {
  return grant !== undefined && decidedAtMs > grant.wallMs + skewBoundMs;
}
