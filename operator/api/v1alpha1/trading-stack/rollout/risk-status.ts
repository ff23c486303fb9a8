import { z } from 'zod';
import { text, time, whole } from '../../status-fields.ts';

const activation = z
  .object({
    from: text('Service hash that decided before. Unset if none was known to.', 64).exactOptional(),
    to: text('Service hash that is to decide.', 64),
    epoch: whole('Epoch requested for it.'),
    startedAt: time('Time at which the operator chose the epoch.'),
    pod: text('Pod that is asked to activate its release.', 253),
  })
  .meta({
    description:
      'Activation under way. Recorded before the request is sent, so that any operator can continue it. Unset once the ' +
      'release decides.',
  });

export const riskStatus = z
  .object({
    active: text(
      'Service hash of risk that decides, as its process last read; none if no process reports that it does, or ' +
        'Unknown if a running process does not answer or does not report it.',
      64,
    ),
    epoch: whole('Highest epoch of the active release that a process of risk has reported.'),
    pod: text('Pod that reports it. Unset without one.', 253).exactOptional(),
    since: time('Time at which the operator first saw this.'),
    transition: activation.exactOptional(),
  })
  .meta({ description: 'Which release of risk decides. Execution takes entries of no other one.' });
export type RiskStatus = z.output<typeof riskStatus>;
