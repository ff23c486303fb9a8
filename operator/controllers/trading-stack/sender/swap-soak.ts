import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import { conditionLine, steadyMessage } from '../../../api/v1alpha1/status-text.ts';
import type { SoakStatus } from '../../../api/v1alpha1/trading-stack/rollout/soak-status.ts';
import type {
  ExecutionStatus,
  FailedRelease,
  SwapStatus,
  TierStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { provingGate } from '../rollout/deadline.ts';
import { SENDER_PROVEN, SOAKED } from '../rollout/gates.ts';
import { activeSender, evidenceLine } from '../rollout/swap/judge-sender.ts';
import { isPassed } from '../rollout/tiers.ts';

export interface SoakInput {
  readonly previous: ExecutionStatus | undefined;
  readonly tiers: readonly TierStatus[];
  /** The release that was given up, if any. */
  readonly failed: FailedRelease | undefined;
  readonly pods: readonly ObservedPod[];
  readonly nowMs: number;
}

/** Adds to the last swap how the new sender does, as the gates of its tier say. */
export function withSoak({ lastSwap, ...execution }: ExecutionStatus, input: SoakInput): ExecutionStatus {
  if (lastSwap === undefined) return execution;
  const { soak: _before, ...swap } = lastSwap;
  const soak = soakAfter(swap, { ...input, active: execution.active });
  return { ...execution, lastSwap: { ...swap, ...(soak === undefined ? {} : { soak }) } };
}

type Soaked = SoakInput & { readonly active: ExecutionStatus['active'] };

/** Undefined if it is not on probation. */
function soakAfter(swap: SwapStatus, input: Soaked): SoakStatus | undefined {
  const { previous, tiers } = input;
  const before = previous?.lastSwap?.epoch === swap.epoch ? previous.lastSwap.soak : undefined;
  if (before?.state === 'Passed') return before;
  const tier = tiers.find(({ name }) => name === senderRow().tier);
  return givenUp(swap, before, input) ?? (tier === undefined ? before : judged(tier, swap, { ...input, before }));
}

/** The release of the new sender is on record as failed. */
function givenUp(
  { to }: SwapStatus,
  before: SoakStatus | undefined,
  { previous, failed, nowMs }: Soaked,
): SoakStatus | undefined {
  if (before === undefined || failed === undefined || failed.release !== previous?.[to]?.release) return undefined;
  return verdict('Failed', failed.message, { before, nowMs });
}

interface Judged extends Soaked {
  readonly before: SoakStatus | undefined;
}

function judged(tier: TierStatus, { to, at }: SwapStatus, input: Judged): SoakStatus | undefined {
  const { before, active } = input;
  const gate = tier.gates.find(({ name }) => name === SENDER_PROVEN);
  // The gate is not checked any more: the tier has passed, or another release is rolled out.
  if (gate === undefined) return before !== undefined && isPassed(tier) ? passed(input) : before;
  if (active !== to) return before;
  const problem = gate.ok ? '' : `${gate.reason} - ${gate.message}`;
  if (provingGate(tier) !== undefined) return verdict('Failed', problem, input);
  return isPassed(tier) ? passed(input) : soaking(tier, problem, { at, before });
}

function soaking(
  { gates }: TierStatus,
  problem: string,
  { at, before }: { readonly at: string; readonly before: SoakStatus | undefined },
): SoakStatus {
  // The soak itself begins with the last change of the others.
  const clocks = gates.filter(({ name }) => name !== SOAKED.name).map(({ since }) => Date.parse(since));
  const since = new Date(Math.max(Date.parse(at), ...clocks)).toISOString();
  return { state: 'Soaking', since, message: steadyMessage(before?.message, conditionLine(problem)) };
}

function passed(input: Judged): SoakStatus {
  const sender = activeSender(input.pods);
  return verdict('Passed', sender === undefined ? 'it does not send' : evidenceLine(sender), input);
}

function verdict(
  state: SoakStatus['state'],
  message: string,
  { before, nowMs }: Pick<Judged, 'before' | 'nowMs'>,
): SoakStatus {
  if (before?.state === state) return { ...before, message: steadyMessage(before.message, conditionLine(message)) };
  return { state, since: new Date(nowMs).toISOString(), message: conditionLine(message) };
}
