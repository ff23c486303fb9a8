import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lots, ticks } from '../../domain/instrument.ts';
import { createBookBuilder, type BookDiff, type BookSnapshot } from './book-builder.ts';
import type { BookLevel } from './book-side.ts';

describe('book builder', () => {
  const snapshot: BookSnapshot = { version: 10n, bids: [level(99, 5), level(98, 1)], asks: [level(101, 2)] };

  test('drops differences that the snapshot holds and applies the rest', () => {
    const builder = createBookBuilder();
    expect(builder.onDiff(diff(8, 9, [[99, 7]]))).toEqual({ kind: 'Buffered' });
    expect(builder.onDiff(diff(10, 11, [[99, 6]]))).toEqual({ kind: 'Buffered' });
    expect(builder.onDiff(diff(12, 12, [], [[101, 0]]))).toEqual({ kind: 'Buffered' });
    expect(builder.onSnapshot(snapshot)).toEqual({ kind: 'Synced' });
    expect(builder.view(5)).toEqual({ version: 12n, bids: [level(99, 6), level(98, 1)], asks: [] });
  });

  test.each<[string, BookDiff, string]>([
    ['the next version continues', diff(11, 11, [[98, 3]]), 'Applied'],
    ['the first one after a snapshot may overlap it', diff(9, 11, [[98, 3]]), 'Applied'],
    ['an old one is ignored', diff(9, 10, [[98, 3]]), 'Ignored'],
    ['a hole', diff(12, 13, [[98, 3]]), 'Rebuild Gap'],
    ['a bid at the ask', diff(11, 11, [[101, 1]]), 'Rebuild Crossed'],
    ['an ask below the bid', diff(11, 11, [], [[97, 1]]), 'Rebuild Crossed'],
  ])('%s', (_what, input, expected) => {
    const builder = createBookBuilder();
    builder.onSnapshot(snapshot);
    expect(said(builder.onDiff(input))).toBe(expected);
    expect(builder.synced).toBe(!expected.startsWith('Rebuild'));
    expect(builder.view(1) === undefined).toBe(expected.startsWith('Rebuild'));
  });

  test('an overlap is a gap once differences have begun, and allowed again after a change of connection', () => {
    const builder = createBookBuilder();
    builder.onSnapshot(snapshot);
    builder.onDiff(diff(11, 12));
    builder.bridge();
    expect(said(builder.onDiff(diff(12, 14)))).toBe('Applied');
    expect(said(builder.onDiff(diff(14, 15)))).toBe('Rebuild Gap');
  });

  test('a change of connection hides no hole', () => {
    const builder = createBookBuilder();
    builder.onSnapshot(snapshot);
    builder.bridge();
    expect(said(builder.onDiff(diff(12, 14)))).toBe('Rebuild Gap');
  });

  test('a snapshot older than the buffer is refused, and a newer one takes its place', () => {
    const builder = createBookBuilder();
    builder.onDiff(diff(15, 16, [[99, 9]]));
    expect(said(builder.onSnapshot(snapshot))).toBe('Rebuild SnapshotTooOld');
    expect(builder.synced).toBe(false);
    expect(said(builder.onSnapshot({ ...snapshot, version: 14n }))).toBe('Synced');
    expect(builder.view(1)).toMatchObject({ version: 16n, bids: [level(99, 9)] });
  });

  test('after a gap the difference that showed it begins the next buffer', () => {
    const builder = createBookBuilder();
    builder.onSnapshot(snapshot);
    expect(said(builder.onDiff(diff(20, 21, [[99, 4]])))).toBe('Rebuild Gap');
    expect(said(builder.onDiff(diff(22, 22, [[98, 4]])))).toBe('Buffered');
    expect(said(builder.onSnapshot({ ...snapshot, version: 20n }))).toBe('Synced');
    expect(builder.view(5)?.bids).toEqual([level(99, 4), level(98, 4)]);
  });

  test('a hole in the buffer is found before the snapshot comes', () => {
    const builder = createBookBuilder();
    builder.onDiff(diff(11, 11));
    expect(said(builder.onDiff(diff(13, 13)))).toBe('Rebuild Gap');
    expect(said(builder.onSnapshot(snapshot))).toBe('Rebuild SnapshotTooOld');
  });

  test('a crossed snapshot is refused', () => {
    const builder = createBookBuilder();
    expect(said(builder.onSnapshot({ version: 1n, bids: [level(5, 1)], asks: [level(5, 1)] }))).toBe('Rebuild Crossed');
    expect(builder.synced).toBe(false);
  });

  test('buffer and depth are bounded', () => {
    const builder = createBookBuilder({ maxBuffered: 2, maxLevels: 3 });
    expect([1, 2, 3].map((version) => said(builder.onDiff(diff(version, version))))).toEqual([
      'Buffered',
      'Buffered',
      'Rebuild BufferFull',
    ]);
    expect(said(builder.onSnapshot({ ...snapshot, version: 3n }))).toBe('Synced');
    expect(said(builder.onDiff(diff(4, 4, [[90, 1], [91, 1]])))).toBe('Rebuild TooDeep'); // prettier-ignore
  });
});

describe('book builder, for all histories', () => {
  test('equals a plain map of prices, whatever version the snapshot has', () => {
    fc.assert(
      fc.property(histories, fc.nat(), ({ start, changes }, at) => {
        const diffs = chain(start, changes);
        const split = at % (diffs.length + 1);
        const builder = createBookBuilder();
        // The first differences reach the buffer, the snapshot holds `split` of them, the rest comes after it.
        for (const item of diffs) builder.onDiff(item);
        builder.onSnapshot(referenceBook(start, diffs.slice(0, split)));
        const expected = referenceBook(start, diffs);
        expect(builder.view(1_000)).toEqual(expected);
      }),
    );
  });

  test('finds every lost difference at the next one', () => {
    fc.assert(
      fc.property(histories, fc.nat(), ({ start, changes }, lost) => {
        const diffs = chain(start, changes);
        const hole = lost % (diffs.length - 1);
        const builder = createBookBuilder();
        builder.onSnapshot(referenceBook(start, []));
        const outcomes = diffs.filter((_, index) => index !== hole).map((item) => said(builder.onDiff(item)));
        expect(outcomes.slice(0, hole)).toEqual(Array.from({ length: hole }, () => 'Applied'));
        expect(outcomes[hole]).toBe('Rebuild Gap');
        expect(builder.synced).toBe(false);
      }),
    );
  });
});

const change = fc.record({
  span: fc.integer({ min: 0, max: 3 }),
  // Bids stay below 1000 and asks above, so that no history crosses.
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

function said(outcome: { readonly kind: string; readonly reason?: string }): string {
  return outcome.reason === undefined ? outcome.kind : `${outcome.kind} ${outcome.reason}`;
}
