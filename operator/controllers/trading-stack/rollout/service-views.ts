import type { Release, ServiceRelease } from '../../../releases/render-release.ts';
import type { ServiceView } from './gates.ts';
import type { Observation, ObservedPod } from '../observe/observation.ts';

/** Returns the view of each service in a release by name. Throws on an unknown name, which is a programming error. */
export function createServiceViews(release: Release, observation: Observation): (service: string) => ServiceView {
  const services = release.tiers.flatMap((tier) => tier.services);
  const views = new Map(services.map((service) => [service.row.name as string, viewOf(service, observation)]));
  return (name) => {
    const view = views.get(name);
    if (view === undefined) throw new Error(`no service ${name} in the release`);
    return view;
  };
}

function viewOf(release: ServiceRelease, { deployments, jobs, pods }: Observation): ServiceView {
  const { row, hash } = release;
  const isJob = row.update === 'Job';
  return {
    release,
    desired: release.replicas * release.workloads.length,
    workloads: release.workloads.map(({ name }) => ({
      desired: release.replicas,
      deployment: deployments.find((deployment) => deployment.name === name),
    })),
    // Jobs of earlier releases may still exist. The name of the current one ends in its hash.
    job: jobs.find(({ service, name }) => service === row.name && name.endsWith(`-${hash}`)),
    pods: withoutReplaced(
      pods.filter((pod) => pod.service === row.name && !pod.deleting && (!isJob || pod.release === hash)),
      release,
    ),
  };
}

/** The object of an evicted pod remains until it is deleted. Ignores such pods once others have replaced them. */
function withoutReplaced(
  pods: readonly ObservedPod[],
  { row, replicas, workloads }: ServiceRelease,
): readonly ObservedPod[] {
  const live = pods.filter(({ finished }) => !finished);
  return row.update === 'Job' || live.length < replicas * workloads.length ? pods : live;
}
