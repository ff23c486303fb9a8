import { z } from 'zod';
import { text, time } from '../../status-fields.ts';

/** How a new sender does after a swap. */
const SOAK_STATES = ['Soaking', 'Passed', 'Failed'] as const;

export const soakStatus = z
  .object({
    state: z.enum(SOAK_STATES).meta({
      description:
        'Soaking while the new sender is on probation, then Passed; or Failed if it showed that it does not work.',
    }),
    since: time('Time since which it has shown no problem, of Soaking; otherwise the time of the verdict.'),
    message: text('What it showed: orders by the answer of the venue, or the problem.', 600),
  })
  .meta({ description: 'Probation of the new sender. Unset for a release that has worked before.' });
export type SoakStatus = z.output<typeof soakStatus>;
