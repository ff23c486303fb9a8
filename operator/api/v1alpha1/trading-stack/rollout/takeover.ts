import { z } from 'zod';
import { text, time, whole } from '../../status-fields.ts';

/** Why another pod of the colour that sends took over. */
export const TAKEOVER_REASONS = ['SenderSilent', 'SenderEnded', 'SenderDeleted'] as const;
export type TakeoverReason = (typeof TAKEOVER_REASONS)[number];

export const takeoverStatus = z
  .object({
    from: text('Pod that sent before.', 253),
    to: text('Pod of the same colour that is to take over, or did.', 253),
    epoch: whole('Fence epoch that was requested for it.'),
    at: time('Time at which the operator started the takeover.'),
    reason: z.enum(TAKEOVER_REASONS).meta({
      description:
        'SenderSilent: it did not answer. SenderEnded: its process had ended or had lost the fence. SenderDeleted: ' +
        'its pod is or was deleted.',
    }),
    count: whole('Takeovers in a row, each soon after the one before. The next one waits longer with each of them.'),
    lastSentAt: time(
      'Time of the last order of the pod that sent before, as it reported last. Unset if it is not known.',
    ).exactOptional(),
    gapMs: whole(
      'Milliseconds from that order to the first order of the other one. Unset until both are known.',
    ).exactOptional(),
  })
  .meta({
    description: 'Last takeover that the operator started: by the spare, another pod of the colour that sends.',
  });
export type TakeoverStatus = z.output<typeof takeoverStatus>;
