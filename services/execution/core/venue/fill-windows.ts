import type { FillPage, FillRange } from '../../../shared/domain/orders/fill-page.ts';

/**
 * Where a walk through the fills of a symbol is. It goes forward in time, so that what is read stays read. All times
 * are the venue's, UTC milliseconds.
 */
export interface FillWindows {
  /** Every older fill is read. */
  readonly fromMs: number;
  /** Ends of ranges that should fit a page each, ascending. Given up at the first one that does not. */
  readonly ends: readonly number[];
  /** Length of the next window; undefined as long as no page was full: all that is left. */
  readonly widthMs: number | undefined;
  /** A page was full up to this time; undefined when the density of the fills after `fromMs` is not known. */
  readonly fullToMs: number | undefined;
  /** Number of fills in a full page. */
  readonly fullCount: number;
}

/** Further: ask for the next range. Crowded: the venue lists no page that has all fills of this millisecond. */
export type AfterPage =
  | { readonly kind: 'Further'; readonly windows: FillWindows }
  | { readonly kind: 'End' }
  | { readonly kind: 'Crowded'; readonly atMs: number };

export interface AnsweredRange {
  readonly range: FillRange;
  readonly page: FillPage;
  /** Time of this process, UTC milliseconds. Only the length of the windows depends on it. */
  readonly nowMs: number;
}

export function windowsFrom(fromMs: number, ends: readonly number[] = []): FillWindows {
  return { fromMs, ends, widthMs: undefined, fullToMs: undefined, fullCount: 0 };
}

/** Returns the next range to ask for. The last one has no end, because the venue's clock may be ahead. */
export function nextRange({ fromMs, ends, widthMs, fullToMs = 0 }: FillWindows, nowMs: number): FillRange {
  const end = ends.find((endMs) => endMs >= fromMs);
  if (end !== undefined) return { fromMs, toMs: end };
  const toMs = widthMs === undefined ? Infinity : fromMs + widthMs - 1;
  return toMs < Math.max(nowMs, fullToMs) ? { fromMs, toMs } : { fromMs };
}

/**
 * Returns where the walk is after a page: behind the range when the page has all of it. Without `ends`, a full page
 * halves the window, and one that is less than a third full doubles it, unless the rest of a full window follows: half
 * of that is next. Where fills are even, that takes at most three requests for each page of them, and two for each
 * halving. A burst after a long gap is searched for, a request for each halving.
 */
export function afterPage(windows: FillWindows, { range, page, nowMs }: AnsweredRange): AfterPage {
  if (!page.complete) return narrowed(windows, { range, page, nowMs });
  if (range.toMs === undefined) return { kind: 'End' };
  const fromMs = range.toMs + 1;
  if (windows.widthMs === undefined) return { kind: 'Further', windows: { ...windows, fromMs } };
  const { widthMs, fullToMs = 0, fullCount } = windows;
  if (page.fills.length * 3 >= fullCount)
    return { kind: 'Further', windows: { ...windows, fromMs, fullToMs: undefined } };
  if (fullToMs < fromMs)
    return { kind: 'Further', windows: { ...windows, fromMs, widthMs: widthMs * 2, fullToMs: undefined } };
  return { kind: 'Further', windows: { ...windows, fromMs, widthMs: halfOf(fromMs, fullToMs) } };
}

function narrowed(windows: FillWindows, { range, page, nowMs }: AnsweredRange): AfterPage {
  const { fromMs } = range;
  const newestMs = page.fills.at(-1)?.time ?? fromMs;
  const toMs = range.toMs ?? Math.max(nowMs, newestMs, fromMs);
  if (toMs === fromMs) return { kind: 'Crowded', atMs: fromMs };
  const fullCount = Math.max(windows.fullCount, page.fills.length);
  const widthMs = halfOf(fromMs, toMs);
  return { kind: 'Further', windows: { fromMs, ends: [], widthMs, fullToMs: toMs, fullCount } };
}

function halfOf(fromMs: number, toMs: number): number {
  return Math.max(1, Math.floor((toMs - fromMs + 1) / 2));
}
