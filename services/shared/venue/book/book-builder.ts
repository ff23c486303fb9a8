import { createBookSide, type BookLevel, type BookSide } from './book-side.ts';

/**
 * Builds an order book from a snapshot and differences (MEXC spot v3, "How to properly maintain a local copy of the order book").
 *
 * Modes, changed by this file alone:
 * - buffering: no book; differences are kept, in one unbroken run, until a snapshot comes;
 * - synced: a book; every difference must continue it, otherwise it is thrown away and buffering starts with that difference.
 */
export interface BookBuilder {
  /** Takes one difference with fromVersion <= toVersion. Never throws. */
  onDiff(diff: BookDiff): BookOutcome;
  /** Takes a snapshot; one that comes while synced is ignored. */
  onSnapshot(snapshot: BookSnapshot): BookOutcome;
  /** The next difference comes from another connection, which may cut its frames elsewhere: it may overlap what the book holds, but leave no hole. */
  bridge(): void;
  /** Throws the book and the buffer away. */
  reset(): void;
  /** The best levels; undefined while there is no book. */
  view(levels: number): BookView | undefined;
  readonly synced: boolean;
}

/** Changes of the versions `fromVersion` to `toVersion`, both included; quantities are absolute, zero removes a level. */
export interface BookDiff {
  readonly fromVersion: bigint;
  readonly toVersion: bigint;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export interface BookSnapshot {
  readonly version: bigint;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export interface BookView {
  readonly version: bigint;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/**
 * What an input did. `Rebuild` tells that a snapshot is needed: a version was lost (`Gap`), best bid and ask cross (`Crossed`), the snapshot is older
 * than the buffer reaches back (`SnapshotTooOld`), or a bound was hit (`BufferFull`, `TooDeep`).
 */
export type BookOutcome =
  | { readonly kind: 'Applied' }
  | { readonly kind: 'Synced' }
  | { readonly kind: 'Buffered' }
  | { readonly kind: 'Ignored' }
  | { readonly kind: 'Rebuild'; readonly reason: RebuildReason };
export type RebuildReason = 'Gap' | 'Crossed' | 'SnapshotTooOld' | 'BufferFull' | 'TooDeep';

export interface BookBuilderOptions {
  /** Differences kept while waiting for a snapshot; at the bound the oldest run is given up. */
  readonly maxBuffered?: number;
  /** Levels a side; at the bound the book is built anew. */
  readonly maxLevels?: number;
}

interface Book {
  version: bigint;
  readonly bids: BookSide;
  readonly asks: BookSide;
  /** Whether the next difference may begin at or before `version`: true right after a snapshot or a change of connection. */
  bridging: boolean;
}

/** A builder with no book yet. */
export function createBookBuilder({ maxBuffered = 10_000, maxLevels = 20_000 }: BookBuilderOptions = {}): BookBuilder {
  let buffer: BookDiff[] = [];
  let book: Book | undefined;

  const startOver = (reason: RebuildReason, first: readonly BookDiff[]): BookOutcome => {
    book = undefined;
    buffer = [...first];
    return { kind: 'Rebuild', reason };
  };

  const keep = (diff: BookDiff): BookOutcome => {
    const last = buffer.at(-1);
    if (last !== undefined && diff.toVersion <= last.toVersion) return { kind: 'Ignored' };
    if (last !== undefined && diff.fromVersion !== last.toVersion + 1n) return startOver('Gap', [diff]);
    if (buffer.length >= maxBuffered) return startOver('BufferFull', [diff]);
    buffer.push(diff);
    return { kind: 'Buffered' };
  };

  const apply = (target: Book, diff: BookDiff): BookOutcome => {
    if (diff.toVersion <= target.version) return { kind: 'Ignored' };
    const next = target.version + 1n;
    const continues = target.bridging ? diff.fromVersion <= next : diff.fromVersion === next;
    if (!continues) return startOver('Gap', [diff]);
    merge(target, diff);
    const broken = brokenBy(target, maxLevels);
    return broken === undefined ? { kind: 'Applied' } : startOver(broken, []);
  };

  return {
    onDiff: (diff) => (book === undefined ? keep(diff) : apply(book, diff)),
    onSnapshot: (snapshot) => {
      if (book !== undefined) return { kind: 'Ignored' };
      const pending = buffer.filter((diff) => diff.toVersion > snapshot.version);
      const [oldest] = pending;
      if (oldest !== undefined && oldest.fromVersion > snapshot.version + 1n) {
        return { kind: 'Rebuild', reason: 'SnapshotTooOld' };
      }
      book = bookOf(snapshot);
      buffer = [];
      const broken = brokenBy(book, maxLevels);
      if (broken !== undefined) return startOver(broken, []);
      return applyAll(book, pending, apply);
    },
    bridge: () => {
      if (book !== undefined) book.bridging = true;
      // A run of differences cut elsewhere cannot be joined to the one before it.
      else buffer = [];
    },
    reset: () => {
      book = undefined;
      buffer = [];
    },
    view: (levels) =>
      book === undefined
        ? undefined
        : { version: book.version, bids: book.bids.top(levels), asks: book.asks.top(levels) },
    get synced() {
      return book !== undefined;
    },
  };
}

function applyAll(
  book: Book,
  pending: readonly BookDiff[],
  apply: (book: Book, diff: BookDiff) => BookOutcome,
): BookOutcome {
  for (const diff of pending) {
    const outcome = apply(book, diff);
    if (outcome.kind === 'Rebuild') return outcome;
  }
  return { kind: 'Synced' };
}

function bookOf(snapshot: BookSnapshot): Book {
  const book = { version: snapshot.version, bids: createBookSide('bid'), asks: createBookSide('ask'), bridging: true };
  for (const { price, quantity } of snapshot.bids) book.bids.set(price, quantity);
  for (const { price, quantity } of snapshot.asks) book.asks.set(price, quantity);
  return book;
}

function merge(book: Book, diff: BookDiff): void {
  for (const { price, quantity } of diff.bids) book.bids.set(price, quantity);
  for (const { price, quantity } of diff.asks) book.asks.set(price, quantity);
  book.version = diff.toVersion;
  book.bridging = false;
}

function brokenBy(book: Book, maxLevels: number): RebuildReason | undefined {
  if (book.bids.size > maxLevels || book.asks.size > maxLevels) return 'TooDeep';
  const bid = book.bids.best();
  const ask = book.asks.best();
  return bid !== undefined && ask !== undefined && bid.price >= ask.price ? 'Crossed' : undefined;
}
