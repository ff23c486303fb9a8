import { z } from 'zod';
import { intField } from '../../fields.ts';
import { canarySpec } from './canary.ts';

/** What becomes of the positions before a swap. */
const POSITION_POLICIES = ['Carry', 'Flat'] as const;

/** How the sender of orders is replaced by one of another release. */
export const executionSpec = z
  .object({
    swap: z
      .object({
        drainDeadlineMs: intField(
          'Time in milliseconds for which the sender may wait for the outcome of orders in flight before the next one takes over. ' +
            'After that, the next one waits until the venue can accept no request of the old one any more.',
          0,
          30_000,
        ).default(2_000),
        warmRollbackSeconds: intField(
          'Time in seconds for which the old sender is kept ready after a swap, so that a rollback need not wait for its start.',
          0,
          86_400,
        ).default(600),
        postSwitchSoakSeconds: intField(
          'Time in seconds for which a new sender must prove itself after a swap, by its own answers. If it fails, the one before ' +
            'sends again and the release has failed. The deadline of its tier is longer by this time. 0: no such time.',
          0,
          3_600,
        ).default(60),
        restingOrders: z.enum(['Carry', 'Cancel']).default('Carry').meta({
          description: 'Whether orders that rest at the venue are left to the next sender, or cancelled first.',
        }),
        positionPolicy: z
          .enum(POSITION_POLICIES)
          .default('Carry')
          .meta({
            description:
              'Carry: positions are left to the next sender. Flat: before the swap to a new release no entries are sent and every ' +
              'position is sold. A return to a release that worked never waits for that.',
          }),
        flatDeadlineSeconds: intField(
          'Time in seconds within which every position must be sold with positionPolicy Flat, not counting a halt. After that ' +
            'the release has failed and there is no swap. What is below the minimum of the venue stays, and is no failure.',
          10,
          3_600,
        ).default(300),
        approval: z.enum(['None', 'Manual']).default('None').meta({
          description:
            'Manual: the next sender takes over once the annotation tradingstack.dev/approve-swap names the release.',
        }),
      })
      .prefault({})
      .meta({ description: 'Swap of the sender.' }),
    canary: canarySpec,
  })
  .prefault({})
  .meta({ description: 'Sender of orders.' });

export type SenderSpec = z.output<typeof executionSpec>;
export type SwapSpec = SenderSpec['swap'];
