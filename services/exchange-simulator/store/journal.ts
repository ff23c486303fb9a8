import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import type { AccountEvent } from '../core/events.ts';
import { entryOf, eventOf, parseLine, type JournalEntry, type OpeningEntry } from './journal-entry.ts';
import { readLines } from './line-reader.ts';

/** Thrown on a journal that no crash explains: an invalid line before the last, or a gap in the sequence numbers. */
export class JournalError extends Error {
  readonly code: 'CorruptLine' | 'SequenceGap';
  readonly data: string;

  constructor(code: JournalError['code'], data: string, options?: ErrorOptions) {
    super(`${code}: ${data}`, options);
    this.name = 'JournalError';
    this.code = code;
    this.data = data;
  }
}

export interface JournalOptions {
  /** Created if it is missing. */
  readonly directory: string;
  /** First entry of a new journal. */
  readonly opened: OpeningEntry;
  /** Called with every existing entry, oldest first. */
  readonly onEntry: (entry: JournalEntry) => void;
}

/** State that is rebuilt from the journal's events. */
export interface Restorable {
  restore(event: AccountEvent): void;
}

/**
 * Opens the journal and rebuilds its state one event at a time. `open` gets the first entry; the state that it
 * returns gets every event.
 */
export function openJournal<S extends Restorable>(options: {
  readonly directory: string;
  readonly opened: OpeningEntry;
  readonly open: (openingEntry: OpeningEntry) => S;
}): { readonly journal: Journal; readonly state: S } {
  let state: S | undefined;
  const journal = new Journal({
    ...options,
    onEntry: (entry) => {
      if (entry.kind === 'opened') state = options.open(entry);
      else state?.restore(eventIn(entry));
    },
  });
  if (state === undefined) throw new JournalError('CorruptLine', 'journal.jsonl does not begin with an opened entry');
  return { journal, state };
}

function eventIn(entry: Exclude<JournalEntry, { readonly kind: 'opened' }>): AccountEvent {
  try {
    return eventOf(entry);
  } catch (cause) {
    throw new JournalError('CorruptLine', `journal.jsonl, entry ${entry.seq}`, { cause });
  }
}

/** Lines between two remembered offsets. */
const INDEX_STEP = 64;

/**
 * Journal of the venue: an append-only file of lines, each with all effects of one command or one tape pass on
 * accounts. A line is synced to disk before any reply or push. A last line torn by a kill is truncated when the journal
 * is opened again: its command was never answered.
 */
export class Journal {
  readonly #file: number;
  /** Offset of every INDEX_STEP-th line, with the sequence number of its first entry. */
  readonly #index: { readonly seq: number; readonly offset: number }[] = [];
  #lines = 0;
  #lastSeq = 0;
  #size = 0;
  /** Bytes of a torn line that were truncated when the journal was opened. */
  readonly cutBytes: number;

  constructor({ directory, opened, onEntry }: JournalOptions) {
    mkdirSync(directory, { recursive: true });
    this.#file = openSync(`${directory}/journal.jsonl`, 'a+', 0o600);
    this.cutBytes = this.#load(onEntry);
    if (this.#lastSeq > 0) return;
    const entry: JournalEntry = { seq: 1, kind: 'opened', ...opened };
    this.#write([entry]);
    onEntry(entry);
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get sizeBytes(): number {
    return this.#size;
  }

  /** Writes and syncs. If it throws, the line may or may not be on disk; only a restart can find out. */
  append(events: readonly AccountEvent[]): void {
    if (events.length === 0) return;
    this.#write(events.map((event, index) => ({ seq: this.#lastSeq + 1 + index, ...entryOf(event) })));
  }

  /** Returns the entries after a sequence number, oldest first. */
  read(afterSeq: number, limit: number): readonly JournalEntry[] {
    const found: JournalEntry[] = [];
    if (afterSeq >= this.#lastSeq) return found;
    for (const { text } of readLines(this.#file, this.#offsetBefore(afterSeq))) {
      for (const entry of parseLine(text) ?? []) if (entry.seq > afterSeq) found.push(entry);
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  close(): void {
    closeSync(this.#file);
  }

  #load(onEntry: (entry: JournalEntry) => void): number {
    const { size } = fstatSync(this.#file);
    for (const { text, start, end } of readLines(this.#file, 0)) {
      const entries = parseLine(text);
      if (entries === undefined) {
        if (end < size) throw new JournalError('CorruptLine', `journal.jsonl, line ${this.#lines + 1}`);
        break;
      }
      this.#record(entries, start, end);
      for (const entry of entries) onEntry(entry);
    }
    if (this.#size < size) ftruncateSync(this.#file, this.#size);
    return size - this.#size;
  }

  #write(entries: readonly JournalEntry[]): void {
    const line = Buffer.from(`${JSON.stringify(entries)}\n`, 'utf8');
    let written = 0;
    while (written < line.length) written += writeSync(this.#file, line, written);
    fdatasyncSync(this.#file);
    this.#record(entries, this.#size, this.#size + line.length);
  }

  #record(entries: readonly JournalEntry[], start: number, end: number): void {
    for (const { seq } of entries) {
      if (seq !== this.#lastSeq + 1) throw new JournalError('SequenceGap', `${seq} follows ${this.#lastSeq}`);
      if (this.#lines % INDEX_STEP === 0 && seq === entries[0]?.seq) this.#index.push({ seq, offset: start });
      this.#lastSeq = seq;
    }
    this.#lines += 1;
    this.#size = end;
  }

  #offsetBefore(seq: number): number {
    return this.#index.findLast((mark) => mark.seq <= seq + 1)?.offset ?? 0;
  }
}
