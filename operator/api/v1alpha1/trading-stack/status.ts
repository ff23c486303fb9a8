import { z } from 'zod';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import { SENDER_ROLES } from '../../../../services/shared/contracts/statusz.ts';
import { TRADING_STATES } from '../../../../services/shared/domain/trading-state.ts';
import { flag, text, time, whole } from '../status-fields.ts';
import { listKeyedBy } from '../validation-rule.ts';
import { canaryStatus, canaryStep } from './rollout/canary.ts';
import { flatStatus } from './rollout/flat-status.ts';
import { riskStatus } from './rollout/risk-status.ts';
import { soakStatus } from './rollout/soak-status.ts';
import { takeoverStatus } from './rollout/takeover.ts';

export const PHASES = ['Pending', 'Progressing', 'Running', 'Degraded', 'Stalled', 'Suspended', 'Terminating'] as const;
export type Phase = (typeof PHASES)[number];

const gateStatus = z
  .object({
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

export const tierStatus = z
  .object({
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

export const serviceStatus = z
  .object({
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
export const COLOURS = ['blue', 'green'] as const;
export type Colour = (typeof COLOURS)[number];

const colour = (description: string) => z.enum(COLOURS).meta({ description });

const transition = z
  .object({
    from: colour('Colour that hands over. Unset if no process was active.').exactOptional(),
    to: colour('Colour of the execution Deployment that is to send orders.'),
    epoch: whole('Fence epoch requested for it.'),
    startedAt: time('Time at which the operator chose the epoch.'),
    pod: text('Pod that is to send orders. Unset in a status of an older operator.', 253).exactOptional(),
  })
  .meta({
    description:
      'Last activation that the operator started. Recorded before the request is sent, so that any operator can ' +
      'continue it.',
  });
export type Transition = z.output<typeof transition>;

export const colourStatus = z
  .object({
    release: text('Hash of the release that it is to run.', 64),
    service: text('Service hash that its pods are to report.', 64),
    state: z.enum(['absent', ...SENDER_ROLES, 'Unknown']).meta({
      description:
        'Role that its pods report, that of the one that may send first; absent without a pod, or Unknown if a running one does not answer.',
    }),
    ready: whole('Number of ready pods.'),
    desired: whole('Number of desired pods.'),
  })
  .meta({ description: 'One of the two Deployments of execution.' });
export type ColourStatus = z.output<typeof colourStatus>;

export const swapStatus = z
  .object({
    from: colour('Colour that sent before.'),
    to: colour('Colour that sends since.'),
    epoch: whole('Fence epoch in which it sends.'),
    at: time('Time at which the operator first saw it send.'),
    gapMs: whole(
      'Milliseconds from the last order of the one to the first order of the other. Unset until both are known.',
    ).exactOptional(),
    overlapMs: whole('Milliseconds in which both sent orders: always 0, or the fence has failed.').exactOptional(),
    soak: soakStatus.exactOptional(),
  })
  .meta({ description: 'Last change of the colour that sends, with the gap measured from the orders.' });
export type SwapStatus = z.output<typeof swapStatus>;

export const executionStatus = z
  .object({
    active: z.enum([...COLOURS, 'none', 'Unknown']).meta({
      description:
        'Colour of the execution Deployment that sends orders, none if no process does, or Unknown if a running ' +
        'process does not answer.',
    }),
    epoch: whole('Highest fence epoch that an execution process has reported.'),
    pod: text('Pod that sends orders, or that sent last.', 253).exactOptional(),
    blue: colourStatus.exactOptional(),
    green: colourStatus.exactOptional(),
    transition: transition.exactOptional(),
    lastSwap: swapStatus.exactOptional(),
    lastTakeover: takeoverStatus.exactOptional(),
    flat: flatStatus.exactOptional(),
    canary: canaryStatus.exactOptional(),
  })
  .meta({ description: 'State of the sender of orders.' });
export type ExecutionStatus = z.output<typeof executionStatus>;

/** Why the target of the rollout changed. */
export const TARGET_REASONS = ['Installed', 'Changed', 'RolledBack', 'RollbackRequested', 'Retried'] as const;

const failedRelease = z
  .object({
    release: text('Hash of the release that failed.', 64),
    reason: text('Reason in CamelCase: that of the gate that it did not pass.', 80),
    message: text('Tier, gate and service that it did not pass, with the cause.', 600),
    at: time('Time at which it was given up.'),
  })
  .meta({ description: 'Last release that failed. Unset once the spec describes another one, or after a retry.' });
export type FailedRelease = z.output<typeof failedRelease>;

const waitingRelease = z
  .object({
    release: text('Hash of the release.', 64),
    since: time('Time since which it waits.'),
    opensAt: time('Time at which the window opens next. Unset if it never does.').exactOptional(),
  })
  .meta({ description: 'Release that waits for the maintenance window. Unset while none does.' });
export type WaitingRelease = z.output<typeof waitingRelease>;

export const releaseChange = z
  .object({
    release: text('Hash of the release.', 64),
    version: text('Version name of the release.', 60),
    since: time('Time at which its rollout started.'),
    reason: z.enum(TARGET_REASONS).meta({
      description:
        'Why it was rolled out: Installed (the first one), Changed (spec or Secrets), RolledBack (another one failed), ' +
        'RollbackRequested (by annotation), or Retried (by annotation).',
    }),
    record: text('Hash of its record, the ConfigMap from which it can be restored.', 64),
  })
  .meta({ description: 'One change of the release that is rolled out.' });
export type ReleaseChange = z.output<typeof releaseChange>;

export const RELEASES_MAX = 10;

export const releaseStatus = z
  .object({
    desired: text('Hash of the release that the spec describes.', 64),
    target: text(
      'Hash of the release that is rolled out or runs. Differs from desired after a rollback.',
      64,
    ).exactOptional(),
    current: text('Hash of the last release that passed in every tier. Unset until then.', 64).exactOptional(),
    lastGood: text('Hash of the release to which a release that fails is rolled back.', 64).exactOptional(),
    failed: failedRelease.exactOptional(),
    retried: text('Value of the annotation tradingstack.dev/retry that was obeyed last.', 200).exactOptional(),
    waiting: waitingRelease.exactOptional(),
    history: z
      .array(releaseChange)
      .max(RELEASES_MAX)
      .meta({ description: 'Releases that were rolled out, the newest first. Each can be rolled back to.' })
      .exactOptional(),
  })
  .meta({ description: 'Releases: hashes over image, settings and Secrets.' });
export type ReleaseStatus = z.output<typeof releaseStatus>;

export const sourceStatus = z
  .object({
    source: text(
      'Source: spec (spec.halt), spec-flatten (spec.flatten), spec-state (spec.tradingState), annotation, swap (the operator, ' +
        'see execution.flat), or another name.',
      40,
    ),
    state: z.enum(TRADING_STATES).meta({ description: 'Trading state that the source requests.' }),
    author: text('Who requested it: field managers, an account or a service.', 200),
    reason: text('Reason given by the source.', 300),
    revision: whole('Number of the request. Grows with each change of the source.'),
    since: time('Time of the request.'),
    unsaved: flag(
      'Set while no process reports that the database has this request. The operator keeps it and sends it to every ' +
        'process, and activates no sender that does not report it.',
    ).exactOptional(),
    unshown: flag(
      'Set while the operator has not seen this request in the resource, as after a restore from a backup, or after a ' +
        'halt that was reverted while no replica led: it was read from the processes. It is lifted only after the field has been set to this state once more.',
    ).exactOptional(),
  })
  .meta({ description: 'Trading state that one source requests.' });
export type SourceStatus = z.output<typeof sourceStatus>;

export const tradingStatus = z
  .object({
    state: z.enum([...TRADING_STATES, 'Unknown']).meta({
      description:
        'Least restrictive trading state that a process of risk or execution reports, or Unknown if one that may be ' +
        'running does not answer.',
    }),
    requested: z.enum(TRADING_STATES).meta({
      description: 'Most restrictive trading state of all sources, also of one whose lift a process does not obey yet.',
    }),
    since: time('Last time at which state changed.'),
    sources: z
      .array(sourceStatus)
      .max(40)
      .meta({ description: 'Latest request of each source. A source is lifted only by itself.' }),
    ignored: text(
      'Less restrictive state that the resource shows and that is not applied, with the reason and the remedy.',
      600,
    ).exactOptional(),
  })
  .meta({ description: 'Trading state: what is requested, by whom, and what the processes report.' });
export type TradingStatus = z.output<typeof tradingStatus>;

/** What a step of the plan does. */
export const PLAN_ACTIONS = ['Prepare', 'Tier', 'Activate', 'Swap', 'CleanUp', 'Release', 'Teardown'] as const;
/** What a step of the plan can wait for, besides the steps before it. */
export const PLAN_WAITS = [
  'Gate',
  'Approval',
  'Window',
  'Positions',
  'Halt',
  'Canary',
  'Suspension',
  'Annotation',
  'Swap',
  'Stalled',
  'Blocker',
] as const;
/** Objects of one kind of change that a step lists by name. */
export const PLAN_NAMES_MAX = 24;

const planWait = z
  .object({
    what: z.enum(PLAN_WAITS).meta({
      description:
        'Gate (one that does not pass), Approval (of a person), Window (the maintenance window), Positions (that are to be sold), Halt (a process that does not report it yet), ' +
        'Canary (a release of execution that knows of one), Suspension ' +
        '(spec.suspend), Annotation (one that asks for another release), Swap (the one in hand), Stalled (a person must ' +
        'act), or Blocker (what status.blockedBy names).',
    }),
    message: text('Which one.', 400),
  })
  .meta({ description: 'Something that a step waits for.' });
export type PlanWait = z.output<typeof planWait>;

const names = (description: string) =>
  z.array(text('Object, as Kind/name.', 100)).max(PLAN_NAMES_MAX).meta({ description });

export const planStep = z
  .object({
    action: z.enum(PLAN_ACTIONS).meta({
      description:
        'Prepare (objects of no service), Tier (its objects, then its gates), Activate (another release of risk decides), ' +
        'Swap (another colour sends), CleanUp (objects ' +
        'that no service needs any more), Release (a whole release whose steps are not known or not due yet), or Teardown.',
    }),
    tier: z.enum(TIERS).meta({ description: 'Tier, for the action Tier.' }).exactOptional(),
    release: text('Hash of the release that the step belongs to. Unset if it is not known.', 64).exactOptional(),
    create: names('Objects to create, as Kind/name.').exactOptional(),
    change: names('Objects to change, as Kind/name.').exactOptional(),
    remove: names('Objects to remove, as Kind/name, once they are no longer needed.').exactOptional(),
    unlisted: whole('Number of objects that the lists have no room for.').exactOptional(),
    from: colour('Colour that sends now, for the action Swap. Unset if none is known to.').exactOptional(),
    to: colour('Colour that is to send, for the action Swap.').exactOptional(),
    predictedGapMs: whole(
      'Milliseconds without an order to expect from the swap: the gap that the last swap measured. Unset if that is ' +
        'unknown.',
    ).exactOptional(),
    canary: canaryStep.exactOptional(),
    waitingFor: z
      .array(planWait)
      .max(5)
      .meta({ description: 'What the step waits for, besides the steps before it. Empty if for nothing.' }),
  })
  .meta({ description: 'One step.' });
export type PlanStep = z.output<typeof planStep>;

const haltConfirmation = z
  .object({
    openOrders: whole('Orders of the stack that the venue lists as open.'),
    at: time('Time at which the venue first listed this number during the halt.'),
  })
  .meta({ description: 'Open orders at the venue, as the sender reports them.' });

export const haltStatus = z
  .object({
    active: flag('Whether every process of risk and execution reports the trading state Halted.'),
    since: time('Time at which the halt was requested.').exactOptional(),
    by: text('Sources that request the halt.', 200).exactOptional(),
    confirmed: haltConfirmation.exactOptional(),
  })
  .meta({ description: 'State of the halt.' });
export type HaltStatus = z.output<typeof haltStatus>;

export const condition = z
  .object({
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
  .object({
    observedGeneration: whole('Value of metadata.generation that the operator last reconciled.').exactOptional(),
    observedAt: time(
      'Time at which an operator last observed this state. Renewed every minute; if it is older, no operator ' +
        'observes the stack.',
    ).exactOptional(),
    operator: text(
      'Installation that manages the stack: namespace/name of the operator. Another one leaves the stack alone, until ' +
        'observedAt has not changed for three minutes.',
      320,
    ).exactOptional(),
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
    risk: riskStatus.exactOptional(),
    execution: executionStatus.exactOptional(),
    trading: tradingStatus.exactOptional(),
    halt: haltStatus.exactOptional(),
    plan: z
      .array(planStep)
      .max(16)
      .meta({
        description:
          'Steps that the present spec causes, in order; one starts when those before it have ended. Empty if the stack ' +
          'is as its spec asks for. Unset if no operator has worked it out.',
      })
      .exactOptional(),
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

/** Status of a stack that no operator has observed: the API server sets it on a new one. */
export const UNOBSERVED = { phase: 'Pending', blockedBy: 'waiting for the operator' } as const;
