import { formatDecimal, parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { AccountEvent, RequestStamp } from '../core/events.ts';

/** Content of a journal's first entry: when the venue was first started, its ID prefix, and the opening balances. */
export interface OpeningEntry {
  readonly time: number;
  readonly idPrefix: string;
  /** Account, asset, amount. */
  readonly balances: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface OpenedEntry extends OpeningEntry {
  readonly kind: 'opened';
}

type TextOf<T> = { readonly [K in keyof T]: T[K] extends Decimal ? string : T[K] };
/** The members of `request` are flattened into the entry. */
type Flat<T> = T extends { readonly request: RequestStamp }
  ? Omit<TextOf<T>, 'request'> & {
      readonly requestTime: number;
      readonly recvWindowMs: number;
      readonly receivedAt: number;
    }
  : TextOf<T>;
type EachFlat<T> = T extends AccountEvent ? Flat<T> : never;

/** Event as the judge reads it: amounts as decimal strings, times in UTC milliseconds. */
export type EventEntry = EachFlat<AccountEvent>;
export type JournalEntry = (OpenedEntry | EventEntry) & { readonly seq: number };

const AMOUNTS = ['price', 'quantity', 'quoteQuantity', 'locked', 'fee', 'amount'] as const;

export function entryOf(event: AccountEvent): EventEntry {
  const flat: Record<string, unknown> = { ...event };
  for (const name of AMOUNTS) {
    const amount = flat[name];
    if (typeof amount === 'bigint') flat[name] = formatDecimal(amount as Decimal);
  }
  if ('request' in event) {
    const { time, recvWindowMs, receivedAt } = event.request;
    Object.assign(flat, { requestTime: time, recvWindowMs, receivedAt });
    delete flat['request'];
  }
  return flat as EventEntry;
}

/** Converts an entry into its event. Throws DecimalError on an invalid amount. */
export function eventOf(entry: EventEntry & { readonly seq: number }): AccountEvent {
  const { seq: _seq, ...members } = entry;
  const event: Record<string, unknown> = { ...members };
  for (const name of AMOUNTS) {
    const amount = event[name];
    if (typeof amount === 'string') event[name] = parseDecimal(amount);
  }
  if (entry.kind === 'placed' || entry.kind === 'rejected') {
    const { requestTime, recvWindowMs, receivedAt } = entry;
    for (const name of ['requestTime', 'recvWindowMs', 'receivedAt']) delete event[name];
    event['request'] = { time: requestTime, recvWindowMs, receivedAt };
  }
  return event as unknown as AccountEvent;
}

const KINDS: ReadonlySet<unknown> = new Set(['opened', 'placed', 'rejected', 'fill', 'cancelled', 'transferred']);

/**
 * Parses one line of the file. A line has all entries of one command, so a line is complete or its command was never
 * answered. Returns undefined if the line is invalid.
 */
export function parseLine(line: string): readonly JournalEntry[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return Array.isArray(value) && value.every((entry) => isEntry(entry)) ? value : undefined;
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false;
  return 'seq' in value && Number.isSafeInteger(value.seq) && 'kind' in value && KINDS.has(value.kind);
}
