import { z } from 'zod';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import { listKeyedBy } from '../validation-rule.ts';

const text = (max: number): z.ZodString => z.string().max(max);
const time = z.string().max(30).meta({ format: 'date-time' });
const whole = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const PHASES = ['Pending', 'Progressing', 'Running', 'Degraded', 'Stalled', 'Suspended', 'Terminating'] as const;
export type Phase = (typeof PHASES)[number];

const gateStatus = z.strictObject({
  name: text(40),
  ok: z.boolean(),
  /** First service that fails it. */
  service: text(63).exactOptional(),
  reason: text(80),
  message: text(600),
  since: time,
});
export type GateStatus = z.output<typeof gateStatus>;

const tierStatus = z.strictObject({
  name: z.enum(TIERS),
  state: z.enum(['Waiting', 'Progressing', 'Passed', 'Degraded']),
  /** Hash over the tier's services: what `Passed` and `Degraded` are bound to. */
  release: text(64),
  since: time,
  gates: z.array(gateStatus).max(20),
});
export type TierStatus = z.output<typeof tierStatus>;

const serviceStatus = z.strictObject({
  name: text(63),
  tier: z.enum(TIERS),
  ready: whole,
  desired: whole,
  /** Hash that every pod reports; empty while they differ or say nothing. */
  release: text(64),
  message: text(600),
});
export type ServiceStatus = z.output<typeof serviceStatus>;

const executionStatus = z.strictObject({
  active: z.enum(['blue', 'none']),
  /** Highest epoch that was asked for or seen. */
  epoch: whole,
  /** Written before the sender is told, so that any operator can take it up. */
  transition: z.strictObject({ to: z.enum(['blue']), epoch: whole, startedAt: time }).exactOptional(),
});
export type ExecutionStatus = z.output<typeof executionStatus>;

const condition = z.strictObject({
  type: text(60),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: text(80),
  message: text(1_000),
  observedGeneration: whole,
  lastTransitionTime: time,
});

/**
 * What is. Everything is optional on the wire; the operator writes all of it at once. Its lists are atomic, but for the conditions: of a
 * list that is merged by key, an empty one is taken for none at all by server-side apply.
 */
export const tradingStackStatus = z
  .strictObject({
    observedGeneration: whole.exactOptional(),
    phase: z.enum(PHASES).exactOptional(),
    mode: text(20).exactOptional(),
    /** `7/7`. */
    ready: text(20).exactOptional(),
    /** `tier/gate service: reason - message`. */
    blockedBy: text(400).exactOptional(),
    release: z.strictObject({ desired: text(64), current: text(64).exactOptional() }).exactOptional(),
    tiers: z.array(tierStatus).max(TIERS.length).exactOptional(),
    services: z.array(serviceStatus).max(40).exactOptional(),
    execution: executionStatus.exactOptional(),
    halt: z.strictObject({ active: z.boolean(), since: time.exactOptional() }).exactOptional(),
    conditions: z.array(condition).max(20).meta(listKeyedBy('type')).exactOptional(),
  })
  .meta({ description: 'What is.' });
export type TradingStackStatus = z.output<typeof tradingStackStatus>;
