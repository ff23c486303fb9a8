import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { GateStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { GateName } from '../../../explain/gate-meanings.ts';
import type { TierRelease } from '../../../releases/render-release.ts';
import { SENDER_ACTIVE, SENDER_PROVEN, SERVICE_GATES, SOAKED, type ServiceGate, type ServiceView } from './gates.ts';
import { statusText, steadyMessage } from '../../../api/v1alpha1/status-text.ts';

export interface TierInput {
  readonly tiers: readonly TierRelease[];
  readonly viewOf: (service: string) => ServiceView;
  readonly previous: readonly TierStatus[];
  /** Undefined while the spec cannot be read: then no tier passes that has not. */
  readonly soakSeconds: number | undefined;
  /** The same for the tier of a sender on probation. */
  readonly postSwitchSoakSeconds: number;
  /** How many tiers may be rolled out at the same time. */
  readonly maxParallel: number;
  /** Whether tiers may open. False while the stack is blocked: then a tier that is open stays open. */
  readonly opens: boolean;
  /** Whether a release returns, from its last tier to the first. Default: false. */
  readonly backwards?: boolean;
  readonly nowMs: number;
}

/**
 * Evaluates the tiers in the given order. A tier opens when all earlier tiers have passed, but for those that may be
 * rolled out with it. On the way back each tier goes before what it depends on, which may be what fails: there, a tier
 * opens when the earlier ones run the release, however that does. A tier that has passed for its hash never closes
 * again for that hash; it degrades (ratchet). So it does not wait for earlier tiers that change either.
 * `openedObjects` in desired-objects.ts returns the objects of the tiers that are open.
 */
export function evaluateTiers(input: TierInput): readonly TierStatus[] {
  const result: TierStatus[] = [];
  for (const tier of input.tiers) {
    const opened = input.opens
      ? result.filter((one) => !isPassed(one) && !(input.backwards === true && runsRelease(one))).length <
        input.maxParallel
      : beforeOf(tier, input)?.state === 'Progressing';
    result.push(evaluateTier(tier, opened, input));
  }
  return result;
}

/** Whether the tier has ever passed for its current hash. */
export function isPassed({ state }: Pick<TierStatus, 'state'>): boolean {
  return state === 'Passed' || state === 'Degraded';
}

/** What shows that a tier runs its release, even if nothing works that it depends on. */
const RUNS: ReadonlySet<string> = new Set(['JobComplete', 'PodsReportRelease', SENDER_ACTIVE] satisfies GateName[]);

function runsRelease({ state, gates }: TierStatus): boolean {
  return state === 'Progressing' && gates.every(({ name, ok }) => ok || !RUNS.has(name));
}

function beforeOf(tier: TierRelease, { previous }: TierInput): TierStatus | undefined {
  return previous.find(({ name, release }) => name === tier.name && release === tier.hash);
}

function evaluateTier(tier: TierRelease, opened: boolean, input: TierInput): TierStatus {
  const { nowMs } = input;
  const before = beforeOf(tier, input);
  const ratchet = before !== undefined && isPassed(before);
  const base = { name: tier.name, release: tier.hash };
  if (!opened && !ratchet) return { ...base, state: 'Waiting', since: sinceOf(before, 'Waiting', nowMs), gates: [] };
  const checked = checkGates(tier, input, before);
  const gates = ratchet ? checked : [...checked, soaked(checked, { ...input, tier }, before)];
  const state = stateOf(ratchet, gates);
  return { ...base, state, since: sinceOf(before, state, nowMs), gates: [...gates] };
}

function stateOf(ratchet: boolean, gates: readonly GateStatus[]): TierStatus['state'] {
  const holds = gates.every(({ ok }) => ok);
  if (ratchet) return holds ? 'Passed' : 'Degraded';
  return holds ? 'Passed' : 'Progressing';
}

function sinceOf(before: TierStatus | undefined, state: TierStatus['state'], nowMs: number): string {
  return before?.state === state ? before.since : new Date(nowMs).toISOString();
}

function checkGates(
  { services }: TierRelease,
  { viewOf, nowMs }: TierInput,
  before: TierStatus | undefined,
): readonly GateStatus[] {
  return SERVICE_GATES.flatMap((gate) => {
    const all = services.filter(({ row }) => gate.applies(row)).map(({ row }) => viewOf(row.name));
    const views = all.filter((view) => gate.isDue?.(view) ?? true);
    return views.length === 0 ? [] : [gateStatus(gate, views, { before, nowMs })];
  });
}

function gateStatus(
  gate: ServiceGate,
  views: readonly ServiceView[],
  { before, nowMs }: { readonly before: TierStatus | undefined; readonly nowMs: number },
): GateStatus {
  for (const view of views) {
    const problem = gate.check(view);
    if (problem !== undefined)
      return withSince(
        { name: gate.name, ok: false, service: view.release.row.name, ...bounded(problem) },
        before,
        nowMs,
      );
  }
  return withSince({ name: gate.name, ok: true, reason: 'Ok', message: '' }, before, nowMs);
}

/** Sets `since` of a gate: kept while ok, reason and service are unchanged, otherwise now. */
function withSince(gate: Omit<GateStatus, 'since'>, before: TierStatus | undefined, nowMs: number): GateStatus {
  const last = before?.gates.find(({ name }) => name === gate.name);
  const same =
    last !== undefined && last.ok === gate.ok && last.reason === gate.reason && last.service === gate.service;
  if (!same) return { ...gate, since: new Date(nowMs).toISOString() };
  return { ...gate, message: steadyMessage(last.message, gate.message), since: last.since };
}

function soaked(
  checked: readonly GateStatus[],
  input: TierInput & { readonly tier: TierRelease },
  before: TierStatus | undefined,
): GateStatus {
  const { tier, viewOf, nowMs } = input;
  const isOnProbation = checked.some(({ name }) => name === SENDER_PROVEN);
  const seconds = soakSecondsOf(input, isOnProbation);
  const heldSinceMs = Math.max(...checked.map(({ since }) => Date.parse(since)));
  const holds = checked.every(({ ok }) => ok);
  // What a sender on probation has not answered for yet does not count for it.
  const untilMs = isOnProbation ? nowMs - answerAgeMs(tier, viewOf) : nowMs;
  const done = checked.length > 0 && holds && seconds !== undefined && untilMs - heldSinceMs >= seconds * 1_000;
  const gate = done
    ? { name: SOAKED.name, ok: true, reason: 'Ok', message: '' }
    : { name: SOAKED.name, ok: false, reason: 'Soaking', message: soakMessage(seconds, isOnProbation) };
  return withSince(gate, before, nowMs);
}

function soakSecondsOf({ soakSeconds, postSwitchSoakSeconds }: TierInput, isOnProbation: boolean): number | undefined {
  if (soakSeconds === undefined) return undefined;
  return isOnProbation ? Math.max(soakSeconds, postSwitchSoakSeconds) : soakSeconds;
}

function soakMessage(seconds: number | undefined, isOnProbation: boolean): string {
  if (seconds === undefined) return 'no tier passes while the spec cannot be read';
  return isOnProbation
    ? `the sender is on probation: all gates must hold for ${seconds} s after the swap`
    : `all gates must hold for ${seconds} s`;
}

/** Age of the oldest answer of the tier, in milliseconds. A pod that does not answer fails a gate. */
function answerAgeMs({ services }: TierRelease, viewOf: TierInput['viewOf']): number {
  const pods = services.flatMap(({ row }) => viewOf(row.name).pods);
  return Math.max(0, ...pods.map(({ answer }) => (answer.kind === 'Answered' ? answer.ageMs : 0)));
}

function bounded({ reason, message }: Problem): Problem {
  return { reason: reason.slice(0, 80), message: statusText(message) };
}
