import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lots, ticks } from '../../domain/instrument.ts';
import { createBookBuilder, type BookDiff, type BookSnapshot } from './book-builder.ts';
import type { BookLevel } from './book-side.ts';

describe('book builder', () => {
  const snapshot: BookSnapshot = { version: 10n, bids: [level(99, 5), level(98, 1)], asks: [level(101, 2)] };

  test('drops diffs that the snapshot includes and applies the rest', () => {
    const builder = createBookBuilder();
    expect(builder.onDiff(diff(8, 9, [[99, 7]]))).toEqual({ kind: 'Buffered' });
    expect(builder.onDiff(diff(10, 11, [[99, 6]]))).toEqual({ kind: 'Buffered' });
    expect(builder.onDiff(diff(12, 12, [], [[101, 0]]))).toEqual({ kind: 'Buffered' });
    expect(builder.onSnapshot(snapshot)).toEqual({ kind: 'Synced' });
    expect(builder.view(5)).toEqual({ version: 12n, bids: [level(99, 6), level(98, 1)], asks: [] });
  });

  test.each<[string, BookDiff, string]>([
    ['applies the diff of the next version', diff(11, 11, [[98, 3]]), 'Applied'],
    ['applies a first diff that overlaps the snapshot', diff(9, 11, [[98, 3]]), 'Applied'],
    ['ignores an old diff', diff(9, 10, [[98, 3]]), 'Ignored'],
    ['rebuilds after a gap', diff(12, 13, [[98, 3]]), 'Rebuild Gap'],
    ['rebuilds when a bid reaches the ask', diff(11, 11, [[101, 1]]), 'Rebuild Crossed'],
    ['rebuilds when an ask falls below the bid', diff(11, 11, [], [[97, 1]]), 'Rebuild Crossed'],
  ])('%s', (_title, input, expected) => {
    const builder = createBookBuilder();
    builder.onSnapshot(snapshot);
    expect(describeOutcome(builder.onDiff(input))).toBe(expected);
    expect(builder.synced).toBe(!expected.startsWith('Rebuild'));
    expect(builder.view(1) === undefined).toBe(expected.startsWith('Rebuild'));
  });

  test('treats an overlap as a gap after the first diff, and allows it again after a change of connection', () => {
    const builder = createBookBuilder();
    builder.onSnapshot(snapshot);
    builder.onDiff(diff(11, 12));
    builder.bridge();
    expect(describeOutcome(builder.onDiff(diff(12, 14)))).toBe('Applied');
    expect(describeOutcome(builder.onDiff(diff(14, 15)))).toBe('Rebuild Gap');
  });

  test('detects a gap across a change of connection', () => {
    const builder = createBookBuilder();
    builder.onSnapshot(snapshot);
    builder.bridge();
    expect(describeOutcome(builder.onDiff(diff(12, 14)))).toBe('Rebuild Gap');
  });

  test('rejects a snapshot older than the buffer, and accepts a newer one', () => {
    const builder = createBookBuilder();
    builder.onDiff(diff(15, 16, [[99, 9]]));
    expect(describeOutcome(builder.onSnapshot(snapshot))).toBe('Rebuild SnapshotTooOld');
    expect(builder.synced).toBe(false);
    expect(describeOutcome(builder.onSnapshot({ ...snapshot, version: 14n }))).toBe('Synced');
    expect(builder.view(1)).toMatchObject({ version: 16n, bids: [level(99, 9)] });
  });

  test('starts the next buffer with the diff that revealed a gap', () => {
    const builder = createBookBuilder();
    builder.onSnapshot(snapshot);
    expect(describeOutcome(builder.onDiff(diff(20, 21, [[99, 4]])))).toBe('Rebuild Gap');
    expect(describeOutcome(builder.onDiff(diff(22, 22, [[98, 4]])))).toBe('Buffered');
    expect(describeOutcome(builder.onSnapshot({ ...snapshot, version: 20n }))).toBe('Synced');
    expect(builder.view(5)?.bids).toEqual([level(99, 4), level(98, 4)]);
  });

  test('detects a gap in the buffer before the snapshot arrives', () => {
    const builder = createBookBuilder();
    builder.onDiff(diff(11, 11));
    expect(describeOutcome(builder.onDiff(diff(13, 13)))).toBe('Rebuild Gap');
    expect(describeOutcome(builder.onSnapshot(snapshot))).toBe('Rebuild SnapshotTooOld');
  });

  test('rejects a crossed snapshot', () => {
    const builder = createBookBuilder();
    expect(describeOutcome(builder.onSnapshot({ version: 1n, bids: [level(5, 1)], asks: [level(5, 1)] }))).toBe(
      'Rebuild Crossed',
    );
    expect(builder.synced).toBe(false);
  });

  test('bounds buffer and depth', () => {
    const builder = createBookBuilder({ maxBuffered: 2, maxLevels: 3 });
    expect([1, 2, 3].map((version) => describeOutcome(builder.onDiff(diff(version, version))))).toEqual([
      'Buffered',
      'Buffered',
      'Rebuild BufferFull',
    ]);
    expect(describeOutcome(builder.onSnapshot({ ...snapshot, version: 3n }))).toBe('Synced');
    expect(describeOutcome(builder.onDiff(diff(4, 4, [[90, 1], [91, 1]])))).toBe('Rebuild TooDeep'); // prettier-ignore
  });
});

describe('book builder, for all histories', () => {
  test('equals a plain map of prices, whatever version the snapshot has', () => {
    fc.assert(
      fc.property(histories, fc.nat(), ({ start, changes }, at) => {
        const diffs = chain(start, changes);
        const split = at % (diffs.length + 1);
        const builder = createBookBuilder();
        // All diffs are buffered before the snapshot, which includes the first `split` of them.
        for (const item of diffs) builder.onDiff(item);
        builder.onSnapshot(referenceBook(start, diffs.slice(0, split)));
        const expected = referenceBook(start, diffs);
        expect(builder.view(1_000)).toEqual(expected);
      }),
    );
  });

  test('detects every lost diff at the next diff', () => {
    fc.assert(
      fc.property(histories, fc.nat(), ({ start, changes }, lost) => {
        const diffs = chain(start, changes);
        const hole = lost % (diffs.length - 1);
        const builder = createBookBuilder();
        builder.onSnapshot(referenceBook(start, []));
        const outcomes = diffs
          .filter((_, index) => index !== hole)
          .map((item) => describeOutcome(builder.onDiff(item)));
        expect(outcomes.slice(0, hole)).toEqual(Array.from({ length: hole }, () => 'Applied'));
        expect(outcomes[hole]).toBe('Rebuild Gap');
        expect(builder.synced).toBe(false);
      }),
    );
  });
});

const change = fc.record({
  span: fc.integer({ min: 0, max: 3 }),
  // Bids stay below 1000 and asks at or above it, so no history crosses.
  bids: fc.array(fc.tuple(fc.integer({ min: 980, max: 999 }), fc.integer({ min: 0, max: 5 })), { maxLength: 4 }),
  asks: fc.array(fc.tuple(fc.integer({ min: 1_000, max: 1_020 }), fc.integer({ min: 0, max: 5 })), { maxLength: 4 }),
});
const histories = fc.record({
  start: fc.integer({ min: 0, max: 1_000 }),
  changes: fc.array(change, { minLength: 2, maxLength: 30 }),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function chain(start: number, changes: readonly Change[]): BookDiff[] {
  let version = start;
  return changes.map(({ span, bids, asks }) => {
    const from = version + 1;
    version = from + span;
    return diff(from, version, bids, asks);
  });
}

function referenceBook(start: number, diffs: readonly BookDiff[]): BookSnapshot {
  const bids = new Map<number, number>();
  const asks = new Map<number, number>();
  for (const item of diffs) {
    for (const { price, quantity } of item.bids) bids.set(price, quantity);
    for (const { price, quantity } of item.asks) asks.set(price, quantity);
  }
  const levels = (side: Map<number, number>): BookLevel[] =>
    [...side].filter(([, quantity]) => quantity > 0).map(([price, quantity]) => level(price, quantity));
  return {
    version: diffs.at(-1)?.toVersion ?? BigInt(start),
    bids: levels(bids).sort((a, b) => b.price - a.price),
    asks: levels(asks).sort((a, b) => a.price - b.price),
  };
}

function level(price: number, quantity: number): BookLevel {
  return { price: ticks(price), quantity: lots(quantity) };
}

type Pairs = readonly (readonly [number, number])[];

function diff(from: number, to: number, bids: Pairs = [], asks: Pairs = []): BookDiff {
  return {
    fromVersion: BigInt(from),
    toVersion: BigInt(to),
    bids: bids.map(([price, quantity]) => level(price, quantity)),
    asks: asks.map(([price, quantity]) => level(price, quantity)),
  };
}

function describeOutcome(outcome: { readonly kind: string; readonly reason?: string }): string {
  return outcome.reason === undefined ? outcome.kind : `${outcome.kind} ${outcome.reason}`;
}
