import { describe, expect, it } from 'vitest';
import { TRADING_STATES, type SourceState, type TradingState } from '../../../shared/domain/trading-state.ts';
import { hasFlattened, haltWhenFlat, liftWhenNotRequested } from './flatten-halt.ts';

function source(name: string, state: TradingState, change: Partial<SourceState> = {}): SourceState {
  return { source: name, state, author: 'ada', reason: '', revision: 3, sinceMs: 0, ...change };
}
const ownHalt = source('flatten', 'Halted', { author: 'risk', revision: 7 });

describe('the halt when every position is closed', () => {
  it('is requested in the name of risk, above the last revision of its source', () => {
    const lifted = source('flatten', 'Active', { author: 'risk', revision: 8 });
    expect(haltWhenFlat([source('desk', 'Flattening')], 0)).toEqual({
      source: 'flatten',
      state: 'Halted',
      author: 'risk',
      reason: 'every position is closed',
      revision: 1,
    });
    expect(haltWhenFlat([source('desk', 'Flattening'), lifted], 2)).toMatchObject({
      author: 'risk',
      reason: 'every position is closed, except 2 that cannot be sold',
      revision: 9,
    });
  });

  it.each(TRADING_STATES.filter((state) => state !== 'Flattening'))('is not requested while %s applies', (state) => {
    expect(haltWhenFlat([source('desk', state)], 0)).toBeUndefined();
    if (state === 'Halted') expect(haltWhenFlat([source('desk', state), source('x', 'Flattening')], 0)).toBeUndefined();
  });

  it('stays in the name of a person who requested Flattening under the name of this source', () => {
    const byHand = source('flatten', 'Flattening', { author: 'ada' });
    const halt = haltWhenFlat([byHand], 0);
    expect(halt).toMatchObject({ state: 'Halted', author: 'ada', revision: 4 });
    expect(liftWhenNotRequested([{ ...byHand, ...halt }])).toBeUndefined();
  });
});

describe('the lift of that halt', () => {
  it('follows when no source requests Flattening any more', () => {
    expect(liftWhenNotRequested([source('desk', 'Active'), ownHalt])).toMatchObject({
      source: 'flatten',
      state: 'Active',
      author: 'risk',
      revision: 8,
    });
  });

  it.each<[string, readonly SourceState[]]>([
    ['a source requests Flattening', [source('desk', 'Flattening'), ownHalt]],
    [
      'another source requests it after the first was lifted',
      [source('desk', 'Active'), source('x', 'Flattening'), ownHalt],
    ],
    ['it is lifted already', [source('flatten', 'Active', { author: 'risk' })]],
    ['a person holds the source', [source('flatten', 'Halted', { author: 'ada' })]],
    ['nothing is known', []],
  ])('does not follow while %s', (_what, sources) => {
    expect(liftWhenNotRequested(sources)).toBeUndefined();
  });
});

it('has flattened while its own source halts', () => {
  expect([hasFlattened([ownHalt]), hasFlattened([source('spec', 'Halted')]), hasFlattened([])]).toEqual([
    true,
    false,
    false,
  ]);
});
