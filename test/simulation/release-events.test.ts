import { expect, test } from 'vitest';
import { releaseEvents } from './seen-events.ts';

test('reports two changes of the release of risk, and an exit that one approved beside the active one', () => {
  const releases = [1, 2, 3].map((epoch) => ({
    epoch,
    release: `r${epoch}`,
    afterSteps: 0,
    afterExitSteps: epoch - 1,
  }));
  const sale = { strategy: 'cross', symbol: 'XRP/ETH', at_ms: 1, kind: 'Approved', side: 'sell' } as const;
  const events = (changes: number, releaseOfSale: string) =>
    releaseEvents({
      releaseSteps: releases.slice(0, 1 + changes),
      exitSteps: [{ ...sale, client_order_id: 'a' }],
      store: { approvals: [{ clientOrderId: 'a', release: releaseOfSale }] },
    });
  expect([events(1, 'r1'), events(2, 'r1'), events(1, 'r2')]).toEqual([[], ['risk Swapped'], ['risk ExitByArmed']]);
});
