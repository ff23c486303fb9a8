import type { Side } from '../../../shared/domain/side.ts';
import { EXITS_IN_A_ROW } from './exits-in-a-row.ts';

/** What the queue knows of an order. */
export interface QueuedOrder {
  readonly side: Side;
  readonly symbol: string;
}

type Waiting<T> = Readonly<Record<Side, readonly T[]>>;

/**
 * Returns the order that goes next, and how many exits in a row have gone before an entry that could go. Exits go
 * before entries, each in the order of the calls, and none on an instrument that is busy. After a row of exits an entry
 * has its turn, but never while an exit of its own instrument waits.
 */
export function nextOrder<T extends QueuedOrder>(
  { sell: exits, buy: entries }: Waiting<T>,
  busy: ReadonlySet<string>,
  exitsInARow: number,
): { readonly next: T | undefined; readonly exitsInARow: number } {
  const leaving = new Set(exits.map(({ symbol }) => symbol));
  const exit = exits.find(({ symbol }) => !busy.has(symbol));
  const entry = entries.find(({ symbol }) => !busy.has(symbol) && !leaving.has(symbol));
  if (exit === undefined || (entry !== undefined && exitsInARow >= EXITS_IN_A_ROW))
    return { next: entry, exitsInARow: 0 };
  return { next: exit, exitsInARow: entry === undefined ? 0 : exitsInARow + 1 };
}
