import type { ServiceStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { GATES, type ServiceView } from '../rollout/gates.ts';
import { statusText, steadyMessage } from '../../../api/v1alpha1/status-text.ts';

/** A service's line: how many of its pods are ready, which release they say they run, and its first failing gate. */
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
  const { release, deployment } = view;
  const waits = tier === 'Waiting';
  if (waits && deployment === undefined) return 'waits for the tiers before it';
  for (const gate of GATES.filter(({ applies, name }) => applies(release.row) && !(waits && isOfRelease(name)))) {
    const problem = gate.check(view);
    if (problem !== undefined) return statusText(`${problem.reason}: ${problem.message}`);
  }
  return '';
}

/** A service that waits its turn still runs the release before. */
function isOfRelease(gate: string): boolean {
  return gate === 'PodsReportRelease' || gate === 'JobComplete';
}

/** What all pods say that they run; empty while they differ or are silent. */
function reportedRelease({ pods, release, job }: ServiceView): string {
  if (release.row.update === 'Job') return job?.complete === true ? release.hash : '';
  const said = new Set(pods.map(({ answer }) => (answer.kind === 'Answered' ? answer.statusz.release : '')));
  const [only] = said;
  return said.size === 1 && only !== undefined ? only : '';
}
