import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { createTradeMerge, type MergeTrade } from './trade-merge.ts';

describe('merge of trades from overlapping connections', () => {
  test('accepts a trade once when both connections deliver it', () => {
    const merge = createTradeMerge();
    expect([merge.accept(1, trade(5)), merge.accept(2, trade(5))]).toEqual([true, false]);
  });

  test('accepts two identical trades of one connection as two trades', () => {
    const merge = createTradeMerge();
    expect([1, 1, 2, 2, 2].map((connection) => merge.accept(connection, trade(5)))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  test('bounds its memory and forgets the oldest trade', () => {
    const merge = createTradeMerge(2);
    for (const time of [1, 2, 3]) merge.accept(1, trade(time));
    expect([merge.accept(2, trade(3)), merge.accept(2, trade(1))]).toEqual([false, true]);
  });

  test('accepts from a list only what no connection has delivered, and counts it for later deliveries', () => {
    const merge = createTradeMerge();
    for (const time of [1, 2, 2]) merge.accept(1, trade(time));
    expect(merge.acceptList([1, 2, 2, 2, 3].map(trade)).map(({ time }) => time)).toEqual([2, 3]);
    expect(merge.acceptList([2, 2, 2, 3].map(trade))).toEqual([]);
    // A new connection delivers the newest again, and one more.
    expect([3, 3, 4].map((time) => merge.accept(2, trade(time)))).toEqual([false, true, true]);
  });

  test('accepts each trade exactly once for any cut that a list bridges', () => {
    const times = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(times, fc.nat(), fc.nat(), fc.nat(), (made, cut, back, read) => {
        const tape = made.sort((a, b) => a - b);
        const cutAt = cut % (tape.length + 1);
        const backAt = cutAt + (back % (tape.length + 1 - cutAt));
        const readAt = backAt + (read % (tape.length + 1 - backAt));
        // Equal trades on both sides of a cut look like one: the stream delivers a millisecond before or after it.
        fc.pre(tape[backAt] === undefined || tape[backAt] !== tape[backAt - 1]);
        const merge = createTradeMerge();
        const passed = [
          ...tape.slice(0, cutAt).filter((time) => merge.accept(1, trade(time))),
          ...merge.acceptList(tape.slice(0, readAt).map(trade)).map(({ time }) => time),
          ...tape.slice(backAt).filter((time) => merge.accept(2, trade(time))),
        ];
        expect(passed).toEqual(tape);
      }),
    );
  });

  test('accepts each trade exactly once for any interleaving of two connections', () => {
    const times = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 });
    fc.assert(
      fc.property(times, fc.array(fc.boolean()), (tape, interleaving) => {
        const merge = createTradeMerge();
        const passed: number[] = [];
        const next = [0, 0];
        const deliver = (connection: 0 | 1): void => {
          const time = tape[next[connection]!];
          next[connection]! += 1;
          if (time !== undefined && merge.accept(connection, trade(time))) passed.push(time);
        };
        for (const second of interleaving) deliver(second ? 1 : 0);
        for (const _ of tape) {
          deliver(0);
          deliver(1);
        }
        const ascending = (a: number, b: number) => a - b;
        expect(passed.sort(ascending)).toEqual([...tape].sort(ascending));
      }),
    );
  });
});

function trade(time: number): MergeTrade {
  return { price: parseDecimal('1.5'), quantity: parseDecimal('2'), takerSide: 'buy', time };
}
