import { createBookSide, type BookLevel, type BookSide } from './book-side.ts';

/**
 * Builds an order book from a snapshot and diffs (MEXC spot v3, "How to properly maintain a local copy of the order
 * book").
 *
 * States, changed only in this file:
 * - buffering: no book. Diffs are kept as one unbroken run until a snapshot arrives.
 * - synced: a book. Every diff must continue it; otherwise the book is dropped and buffering starts with that diff.
 */
export interface BookBuilder {
  /** Takes one diff with fromVersion <= toVersion. Never throws. */
  onDiff(diff: BookDiff): BookOutcome;
  /** Takes a snapshot. While synced, snapshots are ignored. */
  onSnapshot(snapshot: BookSnapshot): BookOutcome;
  /**
   * Announces that the next diff comes from another connection, which may cut its frames at other versions. That diff
   * may overlap the book but must not leave a gap.
   */
  bridge(): void;
  /** Drops the book and the buffer. */
  reset(): void;
  /** Returns the best levels, or undefined while there is no book. */
  view(levels: number): BookView | undefined;
  readonly synced: boolean;
}

/**
 * Changes of the versions from `fromVersion` to `toVersion`, both inclusive. Quantities are absolute; zero removes a
 * level.
 */
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
 * Effect of one input. `Rebuild` means that a snapshot is needed: a version was lost (`Gap`), best bid and best ask
 * cross (`Crossed`), the snapshot ends before the buffer begins (`SnapshotTooOld`), or a bound was reached
 * (`BufferFull`, `TooDeep`).
 */
export type BookOutcome =
  | { readonly kind: 'Applied' }
  | { readonly kind: 'Synced' }
  | { readonly kind: 'Buffered' }
  | { readonly kind: 'Ignored' }
  | { readonly kind: 'Rebuild'; readonly reason: RebuildReason };
export type RebuildReason = 'Gap' | 'Crossed' | 'SnapshotTooOld' | 'BufferFull' | 'TooDeep';

export interface BookBuilderOptions {
  /** Maximum diffs kept while waiting for a snapshot; beyond it the buffered run is dropped. Default: 10,000. */
  readonly maxBuffered?: number;
  /** Maximum levels per side; beyond it the book is rebuilt. Default: 20,000. */
  readonly maxLevels?: number;
}

interface Book {
  version: bigint;
  readonly bids: BookSide;
  readonly asks: BookSide;
  /** Whether the next diff may begin at or before `version`: true right after a snapshot or a change of connection. */
  bridging: boolean;
}

/** Creates a builder with no book yet. */
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
    const violation = violationOf(target, maxLevels);
    return violation === undefined ? { kind: 'Applied' } : startOver(violation, []);
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
      const violation = violationOf(book, maxLevels);
      if (violation !== undefined) return startOver(violation, []);
      return applyAll(book, pending, apply);
    },
    bridge: () => {
      if (book !== undefined) book.bridging = true;
      // Diffs cut at other versions cannot be joined to the buffered run.
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

function violationOf(book: Book, maxLevels: number): RebuildReason | undefined {
  if (book.bids.size > maxLevels || book.asks.size > maxLevels) return 'TooDeep';
  const bid = book.bids.best();
  const ask = book.asks.best();
  return bid !== undefined && ask !== undefined && bid.price >= ask.price ? 'Crossed' : undefined;
}
