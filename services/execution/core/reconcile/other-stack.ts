import { tagIn } from '../../../shared/domain/ids.ts';

/** An instrument takes no entries until the last sign of another stack is this old. */
export const QUIET_MS = 600_000;
/** A running stack cancels its orders at their deadline, after an hour at the latest: an older one was left behind. */
export const LEFT_BEHIND_MS = 3_600_000;

/** Another stack that trades an instrument on the same account. */
export interface OtherStack {
  readonly symbol: string;
  /** First characters of its client order IDs. */
  readonly tag: string;
  /** Milliseconds since the last sign of it. */
  readonly ageMs: number;
}

/** An execution or an open order at the venue, with its age in milliseconds. */
export interface Trace {
  readonly kind: 'Order' | 'Fill';
  readonly clientOrderId: string;
  readonly ageMs: number;
}

/** Proof that another stack was running `ageMs` ago. */
export type Sign = Omit<OtherStack, 'symbol'>;

/** Returns the tag of another stack of this product; undefined when the order is ours, or of something else. */
export function otherTagOf(clientOrderId: string, ownTag: string): string | undefined {
  const tag = tagIn(clientOrderId);
  return tag === ownTag ? undefined : tag;
}

/**
 * Returns what a trace proves. A fill proves that the stack traded then. An open order proves that it runs now, unless
 * it was left behind: a deleted stack must not stop its successor for ever.
 */
export function signOf({ kind, clientOrderId, ageMs }: Trace, ownTag: string): Sign | undefined {
  const tag = otherTagOf(clientOrderId, ownTag);
  if (tag === undefined) return undefined;
  if (kind === 'Fill') return { tag, ageMs: Math.max(0, ageMs) };
  return ageMs < LEFT_BEHIND_MS ? { tag, ageMs: 0 } : undefined;
}

/** Whether a sign of this age still stops entries. */
export function isRecent(ageMs: number): boolean {
  return ageMs < QUIET_MS;
}
