import { z } from 'zod';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import { listKeyedBy } from '../validation-rule.ts';

const text = (description: string, max: number): z.ZodString => z.string().max(max).meta({ description });
const time = (description: string): z.ZodString => z.string().max(30).meta({ description, format: 'date-time' });
const whole = (description: string): z.ZodInt => z.int().min(0).max(Number.MAX_SAFE_INTEGER).meta({ description });
const flag = (description: string): z.ZodBoolean => z.boolean().meta({ description });

export const PHASES = ['Pending', 'Progressing', 'Running', 'Degraded', 'Stalled', 'Suspended', 'Terminating'] as const;
export type Phase = (typeof PHASES)[number];

const gateStatus = z
  .strictObject({
    name: text('Name of the gate, such as DeploymentAvailable.', 40),
    ok: flag('Whether the gate passes.'),
    service: text(
      'First service that fails the gate. Unset if the gate passes or concerns the whole tier.',
      63,
    ).exactOptional(),
    reason: text('Reason in CamelCase: Ok if the gate passes, otherwise the cause.', 80),
    message: text('Details of the cause. Empty if the gate passes.', 600),
    since: time('Time of the last change of ok, reason or service.'),
  })
  .meta({ description: 'Result of one gate.' });
export type GateStatus = z.output<typeof gateStatus>;

const tierStatus = z
  .strictObject({
    name: z.enum(TIERS).meta({ description: 'Name of the tier.' }),
    state: z.enum(['Waiting', 'Progressing', 'Passed', 'Degraded']).meta({
      description:
        'State of the tier: Waiting for earlier tiers, Progressing until all gates pass, Passed, or Degraded if a ' +
        'gate fails after the tier had passed.',
    }),
    release: text('Tier hash: a hash over the services of the tier. Passed and Degraded apply to this hash only.', 64),
    since: time('Time at which the tier entered its state.'),
    gates: z
      .array(gateStatus)
      .max(20)
      .meta({ description: 'Gates of the tier, in the order in which they are checked.' }),
  })
  .meta({ description: 'Rollout of one tier.' });
export type TierStatus = z.output<typeof tierStatus>;

const serviceStatus = z
  .strictObject({
    name: text('Name of the service.', 63),
    tier: z.enum(TIERS).meta({ description: 'Tier of the service.' }),
    ready: whole('Number of ready pods; for a Job, 1 once it is complete.'),
    desired: whole('Number of desired pods.'),
    release: text('Service hash that all pods report. Empty while they differ or do not answer.', 64),
    message: text('First failing gate, as reason: message. Empty if the service passes all gates.', 600),
  })
  .meta({ description: 'Observed state of one service.' });
export type ServiceStatus = z.output<typeof serviceStatus>;

/** Colours of the Deployments that can send orders; one of them sends at a time. */
export const COLOURS = ['blue'] as const;
export type Colour = (typeof COLOURS)[number];

const transition = z
  .strictObject({
    to: z.enum(COLOURS).meta({ description: 'Execution Deployment that is to send orders.' }),
    epoch: whole('Fence epoch requested for it.'),
    startedAt: time('Time at which the operator chose the epoch.'),
  })
  .meta({
    description:
      'Last activation that the operator started. Recorded before the request is sent, so that any operator can ' +
      'continue it.',
  });

const executionStatus = z
  .strictObject({
    active: z.enum([...COLOURS, 'none']).meta({ description: 'Execution Deployment that sends orders, or none.' }),
    epoch: whole('Highest fence epoch that an execution process has reported.'),
    transition: transition.exactOptional(),
  })
  .meta({ description: 'State of the sender of orders.' });
export type ExecutionStatus = z.output<typeof executionStatus>;

const releaseStatus = z
  .strictObject({
    desired: text('Hash of the release that the spec describes.', 64),
    current: text('Hash of the last release that passed in every tier. Unset until then.', 64).exactOptional(),
  })
  .meta({ description: 'Desired and current release: hashes over image, settings and Secrets.' });

const haltStatus = z
  .strictObject({
    active: flag('Whether all processes of risk and execution have applied the halt.'),
    since: time('Time at which the operator first observed that spec.halt is true.').exactOptional(),
  })
  .meta({ description: 'State of the emergency stop.' });

const condition = z
  .strictObject({
    type: text('Type of the condition in CamelCase.', 60),
    status: z
      .enum(['True', 'False', 'Unknown'])
      .meta({ description: 'Status of the condition: True, False or Unknown.' }),
    reason: text('Reason of the last transition or of the current problem, in CamelCase.', 80),
    message: text('Human-readable details. May be empty.', 1_000),
    observedGeneration: whole('Value of metadata.generation that the condition was set for.'),
    lastTransitionTime: time('Last time at which the status of the condition changed.'),
  })
  .meta({ description: 'Condition of the stack.' });

/**
 * Observed state. Every field is optional on the wire; the operator writes all of them at once. Lists are atomic,
 * except for the conditions: server-side apply treats an empty list that is merged by key as if it were absent.
 */
export const tradingStackStatus = z
  .strictObject({
    observedGeneration: whole('Value of metadata.generation that the operator last reconciled.').exactOptional(),
    phase: z
      .enum(PHASES)
      .meta({
        description:
          'Summary of the rollout: Pending, Progressing, Running, Degraded, Stalled, Suspended or Terminating. ' +
          'Use conditions in automation.',
      })
      .exactOptional(),
    mode: text('Order destination in effect: Paper, Testnet or Live.', 20).exactOptional(),
    ready: text('Services that are ready and pass their gates, out of all services, such as 7/7.', 20).exactOptional(),
    blockedBy: text(
      'First problem that blocks the stack, as tier/gate service: reason - message. Truncated; condition Ready ' +
        'has the full text.',
      400,
    ).exactOptional(),
    release: releaseStatus.exactOptional(),
    tiers: z.array(tierStatus).max(TIERS.length).meta({ description: 'Tiers in rollout order.' }).exactOptional(),
    services: z.array(serviceStatus).max(40).meta({ description: 'Services in rollout order.' }).exactOptional(),
    execution: executionStatus.exactOptional(),
    halt: haltStatus.exactOptional(),
    conditions: z
      .array(condition)
      .max(20)
      .meta({
        description: 'Conditions of the stack: Ready, Reconciling, Stalled, Available, Halted, Degraded and Suspended.',
        ...listKeyedBy('type'),
      })
      .exactOptional(),
  })
  .meta({ description: 'Observed state of the TradingStack.' });
export type TradingStackStatus = z.output<typeof tradingStackStatus>;
