import type { TradingStackSpec } from '../../../api/v1alpha1/trading-stack/spec.ts';
import type { GateStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { standbySecondsIn } from '../../../resources/deployments/standby.ts';
import { SENDER_ACTIVE, SENDER_PROVEN, SWAP_ALLOWED } from './gates.ts';
import { probationSeconds } from './swap/probation-seconds.ts';
import { provesFailure } from './swap/judge-sender.ts';
import { isSaleOverdue } from './swap/why-not-flat.ts';

export interface DeadlineTerms {
  readonly tierDeadlineSeconds: number;
  /** How much longer a tier has while its sender is on probation. */
  readonly postSwitchSoakSeconds: number;
  /** UTC milliseconds before which nothing was rolled out, because the stack was suspended. */
  readonly resumedMs: number;
  readonly nowMs: number;
}

/** Returns the terms by which a status shows that a tier is late. Without a spec a blocker comes before all gates. */
export function deadlineOf(spec: TradingStackSpec | undefined, nowMs: number): DeadlineTerms {
  const { tierDeadlineSeconds = 0 } = spec?.rollout ?? {};
  const postSwitchSoakSeconds = spec === undefined ? 0 : probationSeconds(spec.execution);
  return { tierDeadlineSeconds, postSwitchSoakSeconds, resumedMs: 0, nowMs };
}

/**
 * Returns the gate by which a tier has failed: one that proves it, or that it does not pass within its deadline. A
 * swap that waits for its window, for a person or for a sale is not late, and the deadline counts from when it may
 * start.
 */
export function failedGate(tier: TierStatus, terms: DeadlineTerms): GateStatus | undefined {
  if (tier.state !== 'Progressing') return undefined;
  const proof = provingGate(tier) ?? tier.gates.find(isSaleOverdue);
  if (proof !== undefined) return proof;
  const failing = tier.gates.find(({ ok }) => !ok);
  return failing !== undefined && isLate(tier, failing, terms) ? failing : undefined;
}

/** Returns the gate that proves that the new sender fails; undefined without a proof. */
export function provingGate({ state, gates }: TierStatus): GateStatus | undefined {
  if (state !== 'Progressing') return undefined;
  return gates.find(({ name, ok, reason }) => name === SENDER_PROVEN && !ok && provesFailure(reason));
}

/** A service that keeps its old process as a standby is not available before that ends: this is no delay of its own. */
function isLate({ name, since, gates }: TierStatus, failing: GateStatus, terms: DeadlineTerms): boolean {
  if (failing.name === SWAP_ALLOWED) return false;
  const allowed = gates.find(({ name }) => name === SWAP_ALLOWED);
  const mayStart = allowed?.ok === false ? failing.since : (allowed?.since ?? since);
  const fromMs = Math.max(Date.parse(since), Date.parse(mayStart), terms.resumedMs);
  const soakSeconds = isSoaking(gates) ? terms.postSwitchSoakSeconds : 0;
  const withinSeconds = terms.tierDeadlineSeconds + soakSeconds + standbySecondsIn(name);
  return terms.nowMs - fromMs > withinSeconds * 1_000;
}

function isSoaking(gates: readonly GateStatus[]): boolean {
  return gates.some(({ name }) => name === SENDER_PROVEN) && gates.some(({ name, ok }) => name === SENDER_ACTIVE && ok);
}
