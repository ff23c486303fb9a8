import type { ServiceStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { SENDER_PROVEN, SERVICE_GATES, SWAP_ALLOWED, type ServiceView } from '../rollout/gates.ts';
import { statusText, steadyMessage } from '../../../api/v1alpha1/status-text.ts';

/** Status of a service: its ready pods, the release that they report, and its first failing gate. */
export function serviceStatus(
  view: ServiceView,
  tier: TierStatus['state'],
  previous: readonly ServiceStatus[],
): ServiceStatus {
  const { release, desired, pods, job } = view;
  const { name, tier: tierName, update } = release.row;
  const ready = update === 'Job' ? Number(job?.complete === true) : pods.filter((pod) => pod.ready).length;
  const last = previous.find((candidate) => candidate.name === name);
  const message = steadyMessage(last?.message, messageOf(view, tier));
  return { name, tier: tierName, ready, desired, release: reportedRelease(view), message };
}

function messageOf(view: ServiceView, tier: TierStatus['state']): string {
  const { release } = view;
  const waiting = tier === 'Waiting';
  if (waiting && view.deployment === undefined) return 'waiting for earlier tiers';
  for (const gate of SERVICE_GATES.filter(
    ({ applies, isDue, name }) => applies(release.row) && (isDue?.(view) ?? true) && !(waiting && isOfRelease(name)),
  )) {
    const problem = gate.check(view);
    if (problem !== undefined) return statusText(`${problem.reason}: ${problem.message}`);
  }
  return '';
}

/** Gates that a service in a waiting tier cannot pass, because it still runs the previous release. */
function isOfRelease(gate: string): boolean {
  return gate === 'PodsReportRelease' || gate === 'JobComplete' || gate === SWAP_ALLOWED || gate === SENDER_PROVEN;
}

/** Service hash that all pods report; empty while they differ or do not answer. */
function reportedRelease({ pods, release, job }: ServiceView): string {
  if (release.row.update === 'Job') return job?.complete === true ? release.hash : '';
  const hashes = new Set(pods.map(({ answer }) => (answer.kind === 'Answered' ? answer.statusz.release : '')));
  const [only] = hashes;
  return hashes.size === 1 && only !== undefined ? only : '';
}
