import type { Release, ServiceRelease } from '../../../releases/render-release.ts';
import { colouredName } from '../../../resources/deployments/coloured-deployment.ts';
import { serviceObjectName } from '../../../resources/stack-context.ts';
import { colourFor, colourOf } from './colours.ts';
import type { ServiceView, SwapView } from './gates.ts';
import type { Observation, ObservedPod } from '../observe/observation.ts';

/** Returns the view of each service in a release by name. Throws on an unknown name, which is a programming error. */
export function createServiceViews(
  release: Release,
  observation: Observation,
  swap: SwapView | undefined,
): (service: string) => ServiceView {
  const services = release.tiers.flatMap((tier) => tier.services);
  const views = new Map<string, ServiceView>(
    services.map((service) => {
      const isSender = service.row.update === 'Fenced';
      return [service.row.name, { ...viewOf(service, observation), swap: isSender ? swap : undefined }];
    }),
  );
  return (name) => {
    const view = views.get(name);
    if (view === undefined) throw new Error(`no service ${name} in the release`);
    return view;
  };
}

function viewOf(release: ServiceRelease, { stack, deployments, jobs, pods }: Observation): Omit<ServiceView, 'swap'> {
  const { row, hash } = release;
  const isJob = row.update === 'Job';
  const colour = row.update === 'Fenced' ? colourFor(stack.status.execution, hash) : undefined;
  const name = serviceObjectName(stack.name, row.name);
  const deploymentName = colour === undefined ? name : colouredName(name, colour);
  return {
    release,
    desired: release.replicas,
    deployment: deployments.find((deployment) => deployment.name === deploymentName),
    // Jobs of earlier releases may still exist. The name of the current one ends in its hash.
    job: jobs.find((job) => job.service === row.name && job.name.endsWith(`-${hash}`)),
    pods: withoutReplaced(
      pods
        .filter((pod) => pod.service === row.name && !pod.deleting && (!isJob || pod.release === hash))
        .filter((pod) => colour === undefined || colourOf(pod) === colour),
      release,
    ),
  };
}

/** The object of an evicted pod remains until it is deleted. Ignores such pods once others have replaced them. */
function withoutReplaced(pods: readonly ObservedPod[], { row, replicas }: ServiceRelease): readonly ObservedPod[] {
  const live = pods.filter(({ finished }) => !finished);
  return row.update === 'Job' || live.length < replicas ? pods : live;
}
