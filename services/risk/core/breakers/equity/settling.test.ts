import { expect, it } from 'vitest';
import { createSettling } from './settling.ts';

const MINUTE = 60_000;

/** Looks at the assets without a price, by minute. The baselines move after three looks that have settled. */
function looks(...unpriced: readonly (readonly string[])[]): readonly boolean[] {
  const { look, onMoved } = createSettling();
  const settled: boolean[] = [];
  for (const [minute, assets] of unpriced.entries()) {
    settled.push(look(assets, minute * MINUTE));
    if (settled.slice(-3).every(Boolean) && settled.length >= 3) onMoved();
  }
  return settled;
}

it.each<[string, readonly (readonly string[])[], readonly boolean[]]>([
  ['no price is missing', [[], []], [true, true]],
  [
    'one has been missing for five minutes',
    [['A'], ['A'], ['A'], ['A'], ['A'], ['A']],
    [false, false, false, false, false, true],
  ],
  ['it is there again', [['A'], []], [false, true]],
  [
    'one is missing beside one that is long gone',
    [['A'], ['A'], ['A'], ['A'], ['A'], ['A'], ['A', 'B']],
    [false, false, false, false, false, true, false],
  ],
  [
    'two take turns for five minutes',
    [['A'], ['B'], ['A'], ['B'], ['A'], ['B'], ['A']],
    [false, false, false, false, false, false, true],
  ],
  [
    'one is missing for a moment after two have taken turns',
    [['A'], ['B'], ['A'], ['B'], ['A'], ['B'], ['A'], ['A', 'C']],
    [false, false, false, false, false, false, true, false],
  ],
  [
    'one comes and goes beside one that is long gone',
    [['A'], ['A'], ['A'], ['A'], ['A'], ['A', 'B'], ['A'], ['A'], ['A', 'B'], ['A'], ['A', 'B'], ['A']],
    [false, false, false, false, false, false, true, true, false, true, true, true],
  ],
  [
    'one has come for three looks, and goes again',
    [['A'], ['A'], ['A'], ['A'], [], [], ['A'], [], [], [], ['A']],
    [false, false, false, false, true, true, true, true, true, true, false],
  ],
])('says whether prices are about to come while %s', (_what, unpriced, expected) => {
  expect(looks(...unpriced)).toEqual(expected);
});
