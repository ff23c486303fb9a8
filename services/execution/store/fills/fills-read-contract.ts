import { beforeEach, describe, expect, it } from 'vitest';
import type { ExecutionStore } from '../../ports.ts';

/** An empty store, and what can happen to its database. */
export interface FillsReadSubject {
  readonly store: ExecutionStore;
  /** Moves how far the fills of a symbol are read, as a person does. UTC milliseconds. */
  readonly moveByHand: (symbol: string, toMs: number) => Promise<void>;
}

const HELD = { epoch: 1, holder: 'me' };
const NOW_MS = 1_800_000_000_000;

/** Tests what a store keeps of how far fills are read, and who may write it. */
export function fillsReadContract(name: string, create: () => Promise<FillsReadSubject>): void {
  describe(`${name} as the record of how far fills are read`, () => {
    let subject: FillsReadSubject;
    let store: ExecutionStore;
    const toMs = async (symbol: string) => (await store.fillsRead(symbol)).toMs;

    beforeEach(async () => {
      subject = await create();
      store = subject.store;
      await store.raiseFence(HELD);
    });

    async function read(symbol: string, readToMs: number, held = HELD): Promise<boolean> {
      const { database } = await store.fillsRead(symbol);
      return await store.recordFillsRead(held, { symbol, toMs: readToMs, database });
    }

    it('has read nothing at first, and keeps each symbol by itself', async () => {
      expect(await toMs('XRP/ETH')).toBeUndefined();
      expect(await read('XRP/ETH', NOW_MS)).toBe(true);
      expect(await read('ADA/ETH', NOW_MS + 7)).toBe(true);
      expect([await toMs('XRP/ETH'), await toMs('ADA/ETH')]).toEqual([NOW_MS, NOW_MS + 7]);
    });

    it('moves forward only', async () => {
      await read('XRP/ETH', NOW_MS);
      expect(await read('XRP/ETH', NOW_MS + 1)).toBe(true);
      expect(await read('XRP/ETH', NOW_MS)).toBe(true);
      expect(await toMs('XRP/ETH')).toBe(NOW_MS + 1);
    });

    it('takes what a person moves, forward and back', async () => {
      await read('XRP/ETH', NOW_MS);
      await subject.moveByHand('XRP/ETH', NOW_MS + 60_000);
      expect(await toMs('XRP/ETH')).toBe(NOW_MS + 60_000);
      await subject.moveByHand('XRP/ETH', NOW_MS - 60_000);
      expect(await toMs('XRP/ETH')).toBe(NOW_MS - 60_000);
    });

    it.each([
      ['of an older epoch', { epoch: 0, holder: 'me' }],
      ['of a newer epoch', { epoch: 2, holder: 'me' }],
      ['that does not hold the fence', { epoch: 1, holder: 'you' }],
    ])('takes nothing from a process %s', async (_title, held) => {
      await read('XRP/ETH', NOW_MS);
      expect(await read('XRP/ETH', NOW_MS + 1, held)).toBe(false);
      expect(await toMs('XRP/ETH')).toBe(NOW_MS);
    });

    it('takes nothing that was read for another database', async () => {
      const { database } = await store.fillsRead('XRP/ETH');
      const other = { symbol: 'XRP/ETH', toMs: NOW_MS, database: `${database}0` };
      expect(await store.recordFillsRead(HELD, other)).toBe(false);
      expect(await toMs('XRP/ETH')).toBeUndefined();
    });
  });
}
