import { describe, expect, test } from 'vitest';
import { createCatchUp } from './catch-up.ts';

describe('stream catch-up', () => {
  test('is done when every stream was read up to its newest ID', () => {
    const catchUp = createCatchUp();
    expect([catchUp.lost, catchUp.done(0)]).toEqual([true, false]);
    catchUp.expect(new Map([['a', '9-1'], ['b', '10-0'], ['c', '0-0']]), 0); // prettier-ignore
    expect([catchUp.lost, catchUp.done(0)]).toEqual([false, false]);
    catchUp.seen('a', '9-1', 1);
    catchUp.seen('b', '9-9', 2);
    expect(catchUp.done(2)).toBe(false);
    catchUp.seen('b', '11-0', 3);
    expect(catchUp.done(3)).toBe(true);
  });

  test('waits only for entries beyond the current positions after a loss', () => {
    const catchUp = createCatchUp();
    catchUp.seen('a', '9-1', 0);
    catchUp.expect(new Map([['a', '9-1']]), 0);
    expect(catchUp.done(0)).toBe(true);
    catchUp.lose();
    expect([catchUp.lost, catchUp.done(9)]).toEqual([true, false]);
    catchUp.expect(new Map([['a', '9-2']]), 10);
    expect(catchUp.done(10)).toBe(false);
  });

  test('stops waiting for an entry that never arrives', () => {
    const catchUp = createCatchUp();
    catchUp.expect(new Map([['a', '18446744073709551615-2']]), 0);
    catchUp.seen('a', '18446744073709551615-1', 1_000);
    expect(catchUp.done(6_000)).toBe(false);
    expect(catchUp.done(6_001)).toBe(true);
  });
});
