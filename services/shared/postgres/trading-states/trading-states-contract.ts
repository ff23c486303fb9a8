import { beforeEach, describe, expect, it } from 'vitest';
import type { SourceState, StateCommand } from '../../domain/trading-state.ts';

/** An empty store, and the row that a person inserts without the store. */
export interface TradingStatesSubject {
  readonly store: {
    readonly readTradingStates: () => Promise<readonly SourceState[]>;
    readonly setTradingState: (command: StateCommand) => Promise<SourceState | undefined>;
  };
  readonly haltByHand: (source: string, active: boolean) => Promise<void>;
}

/** Tests the trading states of every store that has them, in Postgres or in memory. */
export function tradingStatesContract(name: string, create: () => Promise<TradingStatesSubject>): void {
  describe(`${name} as a store of trading states`, () => {
    let subject: TradingStatesSubject;

    beforeEach(async () => {
      subject = await create();
    });

    const set = async (
      source: string,
      state: SourceState['state'],
      revision: number,
    ): Promise<SourceState | undefined> =>
      await subject.store.setTradingState({ source, state, author: 'ada', reason: `r${revision}`, revision });

    const states = async () =>
      (await subject.store.readTradingStates()).map(({ source, state, revision }) => [source, state, revision]);

    it('returns the newest state of each source, by source', async () => {
      expect(await states()).toEqual([]);
      await set('spec', 'Reducing', 4);
      await set('desk', 'Halted', 1);
      await set('spec', 'Active', 5);
      expect(await subject.store.readTradingStates()).toEqual([
        { source: 'desk', state: 'Halted', author: 'ada', reason: 'r1', revision: 1, sinceMs: expect.any(Number) },
        { source: 'spec', state: 'Active', author: 'ada', reason: 'r5', revision: 5, sinceMs: expect.any(Number) },
      ]);
    });

    it('restricts at the same revision, lifts only at a higher one, and keeps what is newer', async () => {
      await set('spec', 'Active', 5);
      expect(await set('spec', 'Halted', 4)).toMatchObject({ state: 'Active', author: 'ada', revision: 5 });
      expect(await states()).toEqual([['spec', 'Active', 5]]);
      expect(await set('spec', 'Halted', 5)).toBeUndefined();
      expect(await states()).toEqual([['spec', 'Halted', 5]]);
      await set('spec', 'Reducing', 3);
      await set('spec', 'Active', 5);
      expect(await states()).toEqual([['spec', 'Halted', 5]]);
      await set('spec', 'Reducing', 6);
      expect(await states()).toEqual([['spec', 'Reducing', 6]]);
    });

    it('keeps the higher revision of a repeated state', async () => {
      await set('spec', 'Halted', 3);
      await set('spec', 'Halted', 7);
      await set('spec', 'Active', 5);
      expect(await states()).toEqual([['spec', 'Halted', 7]]);
    });

    it('accepts rows by hand, whatever the source asked for before', async () => {
      await set('desk', 'Reducing', 9);
      await subject.haltByHand('desk', true);
      expect(await states()).toEqual([['desk', 'Halted', 9]]);
      await subject.haltByHand('desk', false);
      expect(await states()).toEqual([['desk', 'Active', 9]]);
    });
  });
}
