import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderStates } from '../../../../test/fixtures/arbitraries.ts';
import { parseDecimal, ZERO } from '../decimal.ts';
import {
  canTransition,
  filledOf,
  isTerminal,
  mayRest,
  ORDER_STATE_KINDS,
  transition,
  TransitionError,
  type OrderState,
} from './order.ts';

/**
 * The same table, written by hand from the meaning of the states and not derived from the code. Row: old state; column:
 * new state; x: legal transition.
 */
const TABLE = `
                 Intended Submitted Open PartiallyFilled CancelPending Unknown Filled Cancelled Rejected NeverSent
Intended         .        x         x    x               .             x       x      x         .        x
Submitted        .        .         x    x               .             x       x      x         x        .
Open             .        .         .    x               x             .       x      x         .        .
PartiallyFilled  .        .         .    x               x             .       x      x         .        .
CancelPending    .        .         .    .               x             x       x      x         .        .
Unknown          .        .         x    x               .             .       x      x         x        x
Filled           .        .         .    .               .             .       .      .         .        .
Cancelled        .        .         .    .               .             .       .      .         .        .
Rejected         .        .         .    .               .             .       .      .         .        .
NeverSent        .        .         .    .               .             .       .      .         .        .
`;

const [header = '', ...rows] = TABLE.trim().split('\n');
const kinds = header.trim().split(/\s+/);
const pairs = rows.flatMap((row) => {
  const [from = '', ...marks] = row.split(/\s+/);
  return marks.map((mark, index) => ({ from, to: kinds[index] ?? '', legal: mark === 'x' }));
});
const states = new Map(orderStates(parseDecimal('5')).map((state) => [state.kind as string, state]));
const stateOf = (kind: string): OrderState => states.get(kind) ?? { kind: 'Intended' };

describe('transition', () => {
  it('covers every state in the table', () => {
    expect(kinds.toSorted()).toEqual(ORDER_STATE_KINDS.toSorted());
    expect(pairs).toHaveLength(ORDER_STATE_KINDS.length ** 2);
    expect([...states.keys()].toSorted()).toEqual(kinds.toSorted());
  });

  it.each(pairs)('$from -> $to is legal: $legal', ({ from, to, legal }) => {
    expect(canTransition(stateOf(from).kind, stateOf(to).kind)).toBe(legal);
  });

  it('returns the new state of a legal transition and throws on every other', () => {
    const next = { ...stateOf('Filled') };
    expect(transition(stateOf('PartiallyFilled'), next)).toBe(next);
    for (const { from, to } of pairs.filter(({ legal }) => !legal)) {
      expect(() => transition(stateOf(from), stateOf(to))).toThrow(TransitionError);
    }
  });

  it('never lets the filled amount shrink', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 100n), fc.bigInt(1n, 100n), (before, after) => {
        const [from, to] = [before, after].map((units) => ({
          kind: 'PartiallyFilled' as const,
          venueOrderId: 'v1',
          filled: parseDecimal(units.toString()),
        }));
        const step = () => transition(from!, to!);
        if (after < before) expect(step).toThrow(TransitionError);
        else expect(step()).toBe(to);
      }),
    );
  });

  it('reaches one of exactly four terminal states from every state', () => {
    expect(
      [...states.values()]
        .filter((state) => isTerminal(state))
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['Cancelled', 'Filled', 'NeverSent', 'Rejected']);
    const reachesTheEnd = (kind: string, seen: ReadonlySet<string>): boolean =>
      isTerminal(stateOf(kind)) ||
      pairs.some(
        ({ from, to, legal }) => legal && from === kind && !seen.has(to) && reachesTheEnd(to, new Set([...seen, to])),
      );
    expect(kinds.filter((kind) => !reachesTheEnd(kind, new Set([kind])))).toEqual([]);
  });

  it('returns the filled amount of a state that carries one, and zero otherwise', () => {
    expect(filledOf(stateOf('Cancelled'))).toBe(parseDecimal('5'));
    expect(filledOf(stateOf('Submitted'))).toBe(ZERO);
  });
});

it.each([
  ['LIMIT', true],
  ['LIMIT_MAKER', true],
  ['IMMEDIATE_OR_CANCEL', false],
  ['FILL_OR_KILL', false],
] as const)('of the type %s may rest: %s', (type, rests) => {
  expect(mayRest(type)).toBe(rests);
});
