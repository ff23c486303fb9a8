import { tradeKeyOf, type Fill } from '../../../shared/domain/orders/fill.ts';
import type { UnreadFill } from '../../../shared/domain/orders/unread-row.ts';
import type { Clock } from '../../../shared/runtime/clock.ts';
import { isRowLetter, unreadFillLetter } from '../../core/reconcile/unread-letters.ts';
import type { DeadLetters } from '../../orders/dead-letters.ts';
import type { ExecutionStore } from '../../ports.ts';
import type { ForeignFills } from '../foreign-fills.ts';
import type { RowLetters } from './row-letters.ts';
import { setApart } from './set-apart.ts';

export interface UnreadFillsOptions {
  readonly store: Pick<ExecutionStore, 'recordedTrades' | 'recordedOrders' | 'clearedDeadLetters'>;
  readonly deadLetters: Pick<DeadLetters, 'open' | 'keep' | 'has' | 'clear'>;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly clock: Clock;
}

/** Fills of an instrument that cannot be read, in a range of the list that begins at `fromMs`, UTC milliseconds. */
export interface UnreadPage {
  readonly symbol: string;
  readonly unread: readonly UnreadFill[];
  readonly fromMs: number;
  readonly rows: RowLetters;
}

/**
 * Takes fills that cannot be read. One that names the order of somebody else is counted as foreign, and so is one
 * without a client ID whose order the record does not have, as if it could be read. Any other may be ours: it is set
 * apart, unless the private stream has reported it or a person has cleared its letter. Resolves to whether one is set
 * apart. Rejects when the record is unavailable, or too much is set apart.
 */
export async function setUnreadFillsApart(
  options: UnreadFillsOptions,
  foreign: Pick<ForeignFills, 'onFills'>,
  { symbol, unread, fromMs, rows }: UnreadPage,
): Promise<boolean> {
  if (unread.length === 0) return false;
  const { store, deadLetters, tag, clock } = options;
  const unnamed = unread.flatMap(({ known }) => (known.clientOrderId === '' ? (known.venueOrderId ?? []) : []));
  const ours = await store.recordedOrders(unnamed);
  const isForeign = ({ known: { clientOrderId, venueOrderId } }: UnreadFill): boolean =>
    clientOrderId === ''
      ? venueOrderId !== undefined && !ours.has(venueOrderId)
      : clientOrderId !== undefined && !clientOrderId.startsWith(tag);
  const theirs = unread.filter(isForeign).map(({ known, digest }) => ({
    venueTradeId: known.venueTradeId ?? digest,
    venueOrderId: known.venueOrderId ?? '',
    clientOrderId: known.clientOrderId ?? '',
    symbol,
    time: known.time ?? clock.nowMs(),
  }));
  foreign.onFills(symbol, theirs);
  await clearForeignFills(deadLetters, symbol, theirs);
  const tradeIds = unread.flatMap(({ known }) => known.venueTradeId ?? []);
  const recorded = await store.recordedTrades(symbol, tradeIds);
  const isRecorded = ({ known: { venueTradeId = '', venueOrderId = '' } }: UnreadFill): boolean =>
    recorded.has(tradeKeyOf({ venueTradeId, venueOrderId }));
  // A time in the future is as good as none.
  const sinceOf = ({ known: { time = Infinity } }: UnreadFill): number => (time <= clock.nowMs() ? time : fromMs);
  const letters = unread
    .filter((fill) => !isForeign(fill) && !isRecorded(fill))
    .map((fill) => unreadFillLetter(symbol, fill, sinceOf(fill)));
  const ids = letters.map(({ id }) => id);
  const cleared = await store.clearedDeadLetters('Fill', ids);
  const apart = letters.filter(({ id }) => !cleared.has(id));
  for (const letter of apart) if (!isRowLetter(letter, symbol)) await setApart(deadLetters, letter);
  await rows.take(
    deadLetters,
    apart.filter((letter) => isRowLetter(letter, symbol)),
  );
  return apart.length > 0;
}

/** Clears the letters of fills that were set apart before it was known that they are somebody else's. */
export async function clearForeignFills(
  deadLetters: Pick<DeadLetters, 'has' | 'clear'>,
  symbol: string,
  fills: readonly Pick<Fill, 'venueTradeId' | 'venueOrderId'>[],
): Promise<void> {
  const keys = fills.map((fill) => ({ kind: 'Fill', id: `${symbol} ${tradeKeyOf(fill)}` }) as const);
  for (const key of keys) if (deadLetters.has(key)) await deadLetters.clear(key);
}
