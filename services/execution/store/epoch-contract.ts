import { beforeEach, describe, expect, it } from 'vitest';
import type { SharedEpoch } from '../ports.ts';

/** Tests the behaviour of every SharedEpoch: the one in Redis and its twin in memory. */
export function epochContract(name: string, create: () => Promise<readonly [SharedEpoch, SharedEpoch]>): void {
  describe(`${name} as the epoch that was granted last`, () => {
    let one: SharedEpoch;
    let other: SharedEpoch;

    beforeEach(async () => {
      [one, other] = await create();
    });

    it('has none before the first', async () => {
      expect(await one.read()).toBeUndefined();
    });

    it('is shared, and takes a lower epoch in place of a higher one', async () => {
      await one.write(12);
      expect(await other.read()).toBe(12);
      await other.write(9);
      expect([await one.read(), await other.read()]).toEqual([9, 9]);
    });
  });
}
