import { z } from 'zod';

/** How far the sale of every position before a swap is. */
export const FLAT_STATES = ['Selling', 'Halted', 'Closed', 'Failed'] as const;

export const flatStatus = z
  .object({
    release: z.string().max(64).meta({ description: 'Hash of the release whose sender is to take over.' }),
    state: z.enum(FLAT_STATES).meta({
      description:
        'Selling while positions are being sold, Halted while a halt keeps them from being sold, Closed once none is left ' +
        'that can be sold, or Failed if they were not sold in time: then trading goes on, and there is no swap.',
    }),
    since: z.string().max(30).meta({ description: 'Time at which it entered its state.', format: 'date-time' }),
    message: z.string().max(400).meta({ description: 'What is open or stays, and the first problem.' }),
  })
  .meta({
    description:
      'Sale of every position before a swap (execution.swap.positionPolicy: Flat). While it is set and not Failed, the ' +
      'source swap requests the trading state Flattening. Unset without one.',
  });
export type FlatStatus = z.output<typeof flatStatus>;
