import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientOrderIdOf, stackTagOf } from '../../../shared/domain/ids.ts';
import { sha256 } from '../../../shared/runtime/sha256.ts';
import { isRecent, LEFT_BEHIND_MS, otherTagOf, QUIET_MS, signOf } from './other-stack.ts';

const OURS = 'demo-12345678';
const TAG = stackTagOf(OURS, sha256);
const stacks = fc.string({ minLength: 1, maxLength: 40 });
const id = (stack: string) => clientOrderIdOf(stack, 'd', 0, sha256);

describe('otherTagOf', () => {
  it('returns the tag of every other stack, and nothing for our own orders', () => {
    fc.assert(
      fc.property(stacks, fc.string(), fc.nat(9), (stack, decision, leg) => {
        const tag = stackTagOf(stack, sha256);
        const found = otherTagOf(clientOrderIdOf(stack, decision, leg, sha256), TAG);
        expect(found).toBe(tag === TAG ? undefined : tag);
        expect(otherTagOf(clientOrderIdOf(OURS, decision, leg, sha256), TAG)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['no ID', ''],
    ['an ID that is too short', id('x').slice(1)],
    ['an ID that is too long', `${id('x')}a`],
    ['capital letters', id('x').toUpperCase()],
    ['a UUID without dashes', '0b9f1c8e7d6a5b4c3d2e1f0a9b8c7d6e'],
    ['an ID with a line break', `${id('x').slice(1)}\n`],
  ])('returns nothing for an order with %s', (_title, clientOrderId) => {
    expect(otherTagOf(clientOrderId, TAG)).toBeUndefined();
  });
});

describe('signOf', () => {
  const tag = stackTagOf('x', sha256);

  it.each([
    ['a fill has the age of the trade', 'Fill', 5, { tag, ageMs: 5 }],
    ['an old fill is an old sign', 'Fill', LEFT_BEHIND_MS, { tag, ageMs: LEFT_BEHIND_MS }],
    ['a fill of a venue whose clock is ahead is new', 'Fill', -700, { tag, ageMs: 0 }],
    ['an open order proves that the stack runs now', 'Order', LEFT_BEHIND_MS - 1, { tag, ageMs: 0 }],
    ['an order that was left behind proves nothing', 'Order', LEFT_BEHIND_MS, undefined],
  ] as const)('%s', (_title, kind, ageMs, sign) => {
    expect(signOf({ kind, clientOrderId: id('x'), ageMs }, TAG)).toEqual(sign);
    expect(signOf({ kind, clientOrderId: id(OURS), ageMs }, TAG)).toBeUndefined();
    expect(signOf({ kind, clientOrderId: 'web-1', ageMs }, TAG)).toBeUndefined();
  });

  it('counts for ten minutes', () => {
    expect([isRecent(0), isRecent(QUIET_MS - 1), isRecent(QUIET_MS)]).toEqual([true, true, false]);
    expect([QUIET_MS, LEFT_BEHIND_MS]).toEqual([600_000, 3_600_000]);
  });
});
