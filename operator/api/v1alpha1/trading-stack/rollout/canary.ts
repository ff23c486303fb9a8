import { z } from 'zod';
import { SYMBOLS_MAX } from '../../../../../services/shared/contracts/field.ts';
import { intField, positiveDecimalField, symbolField } from '../../fields.ts';
import { text, time, whole } from '../../status-fields.ts';

/** What a new sender may buy after a swap, before it has proven itself. */
export const canarySpec = z
  .object({
    enabled: z.boolean().default(false).meta({
      description: 'Whether the sender of a new release begins with a canary. false also ends the one that is running.',
    }),
    maxNotional: positiveDecimalField(
      'What all buys of the new sender together may cost during its canary, in risk.currency: what they filled and may ' +
        'still fill, at their limit prices. A sale frees nothing, and no sale is bounded. Entries are cut to what is left.',
    ).default('10'),
    durationSeconds: intField(
      'Time in seconds for which the new sender must show no problem before the bound is lifted, without another swap or ' +
        'a restart. Its probation lasts that long, if that is more than swap.postSwitchSoakSeconds.',
      10,
      86_400,
    ).default(600),
    symbols: z
      .array(symbolField('Trading pair, BASE/QUOTE. Must be listed in spec.instruments.'))
      .min(1)
      .max(SYMBOLS_MAX)
      .meta({
        description:
          'The only instruments that the new sender buys during its canary. Default: all of spec.instruments.',
        'x-kubernetes-list-type': 'set',
      })
      .exactOptional(),
  })
  .prefault({})
  .meta({ description: 'Canary of a new sender: it takes over alone, and buys little until it has proven itself.' });

export type CanarySpec = z.output<typeof canarySpec>;

export const CANARY_STATES = ['Requested', 'Active', 'Lifting'] as const;

export const canaryStatus = z
  .object({
    state: z.enum(CANARY_STATES).meta({
      description:
        'Requested until the process that sends reports it, then Active; Lifting once it is over and that process still ' +
        'reports it.',
    }),
    colour: text('Colour of execution that it bounds.', 10),
    epoch: whole('First fence epoch of the canary: what was bought since then counts.'),
    maxNotional: text('What all buys together may cost, in risk.currency.', 40),
    symbols: z
      .array(text('Trading pair.', 41))
      .max(SYMBOLS_MAX)
      .meta({ description: 'The only instruments that are bought. Unset: all.' })
      .exactOptional(),
    until: time(
      'Time at which it ends if the new sender shows no problem until then. Unset while that time does not run.',
    ).exactOptional(),
  })
  .meta({ description: 'Canary of the sender (execution.canary). Unset without one.' });
export type CanaryStatus = z.output<typeof canaryStatus>;

/** What a swap begins with, in the plan. */
export const canaryStep = z
  .object({
    maxNotional: text('What all buys together may cost, in risk.currency.', 40),
    durationSeconds: whole('Time in seconds for which the new sender must show no problem.'),
  })
  .meta({ description: 'Canary of the new sender, for the action Swap. Unset without one.' });
