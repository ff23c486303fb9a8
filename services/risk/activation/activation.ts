import type { ActivateResponse } from '../../shared/contracts/control.ts';
import type { ActivationStatus } from '../../shared/contracts/statusz.ts';
import {
  decisionScope,
  SILENT_MS,
  type DecisionScope,
  type SeenRelease,
} from '../../shared/domain/release/active-release.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic } from '../../shared/runtime/periodic.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import type { RiskStore } from '../ports.ts';
import { createRenewal } from './renewal.ts';

export interface ActivationOptions {
  readonly store: Pick<RiskStore, 'observeRelease' | 'renewRelease' | 'activateRelease'>;
  /** Service hash of this process. */
  readonly release: string;
  /** Whether this process works the exits. While it does not, other releases do. */
  readonly works: () => boolean;
  /** Called when this process may decide everything, and could not before. */
  readonly onActive: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Activation extends ServicePart {
  /**
   * What this process may decide, as last read. The statement of a decision reads it again, so this only keeps the
   * process from trying, and from the writes that are no decisions. `None` until it has been read.
   */
  readonly scope: () => DecisionScope;
  /**
   * Whether this process reads signals: it may decide some, and has read the record lately. One that is cut off from
   * Postgres could decide none, and would keep them from the release that is activated meanwhile.
   */
  readonly takesSignals: () => boolean;
  /**
   * Whether this process decided at a monotonic time at which it believed so: not if another release was active by
   * then. Undefined while that is unknown, because the record has not been read lately.
   */
  readonly decidedAt: (atMs: number) => boolean | undefined;
  /** Whether a process of the active release was heard after a monotonic time, as far as it has been read. */
  readonly heardSince: (atMs: number) => boolean;
  /** Makes the release of this process the active one. Rejects when the record is unavailable. */
  readonly activate: (epoch: number) => Promise<ActivateResponse>;
  readonly check: () => CheckResult;
  readonly status: () => ActivationStatus;
}

/** Pause between two looks. For so long after a change, the release before may still write what is no decision. */
const EVERY_MS = 250;
/** Two looks further apart do not show what happened between: Postgres was unavailable, or this process hung. */
const LOOK_COVERS_MS = 1_000;
/** Without a look for so long, this process cannot know which release is active. */
const LOOK_MAX_AGE_MS = 5_000;

/** What the last look at the record returned. */
interface Seen {
  readonly active: SeenRelease | undefined;
  /** For how long the looks of this process have found the active release silent. */
  readonly silentMs: number;
  /** Monotonic time after which it was heard last: that of the look before the one that found it. */
  readonly heardMs: number;
  /** Monotonic time of the look. */
  readonly atMs: number;
}

/**
 * Creates the part that knows whether the release of this process is the active one. States: unknown (nothing read yet)
 * -> armed (another release is active, or none) -> active. A process that becomes armed again has lost its turn to
 * another release, which the operator has chosen. What is active outlives processes: one of the same release that
 * restarts goes on.
 */
export function createActivation({ store, release, works, onActive, clock, log }: ActivationOptions): Activation {
  let seen: Seen | undefined;
  let activations = 0;
  let looks = 0;
  const renew = createRenewal({ store, release, log });
  const scope = (): DecisionScope => (seen === undefined ? 'None' : scopeOf(seen, release));
  const lookAgeMs = (): number => (seen === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - seen.atMs);

  const note = (active: SeenRelease | undefined): void => {
    const before = scope();
    seen = seenAt(clock.monotonicMs(), active, seen);
    const now = scope();
    if (now === before) return;
    log.info({ scope: now, active: active?.release, epoch: active?.epoch }, 'active release of risk has changed');
    if (now === 'All') onActive();
  };
  const loop = periodic({
    name: 'activation',
    intervalMs: EVERY_MS,
    task: async () => {
      const before = activations;
      const active = await store.observeRelease();
      looks += 1;
      // A look that began before an activation may have read the row as it was then.
      if (activations === before) note(active);
      if (active?.release === release && works()) renew();
    },
    clock,
    log,
  });
  return {
    ...loop,
    scope,
    takesSignals: () => scope() !== 'None' && lookAgeMs() <= LOOK_MAX_AGE_MS,
    activate: async (epoch) => {
      const before = looks;
      const active = await store.activateRelease({ epoch, release });
      activations += 1;
      const accepted = active.release === release && active.epoch === epoch;
      // A look that has ended since may have read a later change.
      if (accepted && looks === before) note({ ...active, heardAtMs: 0, activeForMs: 0 });
      else loop.wake();
      const reason = accepted ? '' : `release ${active.release} is active in epoch ${active.epoch}`;
      return { accepted, epoch: active.epoch, reason };
    },
    decidedAt: (atMs) => (lookAgeMs() <= LOOK_MAX_AGE_MS ? atMs < ownUntilMs(seen, release) : undefined),
    heardSince: (atMs) => seen !== undefined && seen.heardMs >= atMs,
    check: () => checkOf(seen, release, lookAgeMs()),
    status: () => ({
      role: scope() === 'All' ? 'active' : 'armed',
      epoch: seen?.active?.epoch ?? 0,
      release: seen?.active?.release ?? null,
    }),
  };
}

/** Monotonic time at which another release became the active one, as far as it has been read. */
function ownUntilMs(seen: Seen | undefined, release: string): number {
  if (seen?.active === undefined || seen.active.release === release) return Number.POSITIVE_INFINITY;
  return seen.atMs - seen.active.activeForMs;
}

function scopeOf({ active, silentMs }: Seen, release: string): DecisionScope {
  return decisionScope(active && { ...active, isStale: silentMs >= SILENT_MS }, release);
}

/** The age of the last renewal does not count: after an outage of Postgres it is old, whoever works. */
function seenAt(atMs: number, active: SeenRelease | undefined, before: Seen | undefined): Seen {
  if (before === undefined) return { active, silentMs: 0, heardMs: Number.NEGATIVE_INFINITY, atMs };
  if (active?.heardAtMs !== before.active?.heardAtMs) return { active, silentMs: 0, heardMs: before.atMs, atMs };
  const silentMs = before.silentMs + Math.min(atMs - before.atMs, LOOK_COVERS_MS);
  return { active, silentMs, heardMs: before.heardMs, atMs };
}

function checkOf(seen: Seen | undefined, release: string, ageMs: number): CheckResult {
  if (seen === undefined) return failed('ActivationUnknown', 'the active release of risk has not been read yet');
  if (ageMs > LOOK_MAX_AGE_MS)
    return failed('ActivationUnknown', `the active release of risk was read ${Math.round(ageMs / 1_000)} s ago`);
  const { active } = seen;
  if (active === undefined)
    return failed('ReleaseArmed', 'no release of risk is active: entries wait until the operator activates one');
  if (active.release === release) return OK;
  return failed('ReleaseArmed', `release ${active.release} is active in epoch ${active.epoch}, and decides`);
}
