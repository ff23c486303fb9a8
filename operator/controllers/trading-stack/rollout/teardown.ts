import { CATALOGUE } from '../../../../services/shared/contracts/catalogue.ts';
import { TIERS, type TierName } from '../../../../services/shared/contracts/service-row.ts';
import type { ObservedChild, Observation } from '../observe/observation.ts';

/** Next step of deleting a stack. */
export interface TeardownStep {
  readonly scaleToZero: readonly string[];
  readonly deletions: readonly ObservedChild[];
  /** Completes "waiting for ..."; empty when nothing is left. */
  readonly waitingFor: string;
}

/**
 * Decides the next step of deleting a stack. Tiers stop in reverse order: first the sender of orders, then the tiers
 * that feed it. A tier is stopped only after the pods of the one before are deleted. Then all remaining children are
 * deleted by name, so that deletion does not depend on the garbage collector.
 */
export function teardown(observation: Observation): TeardownStep {
  for (const tier of TIERS.toReversed()) {
    const step = takeDownTier(tier, observation);
    if (step !== undefined) return step;
  }
  const { children } = observation;
  const names = children.slice(0, 3).map(({ kind, name }) => `${kind} ${name}`);
  const more = children.length > names.length ? ` and ${children.length - names.length} more` : '';
  return {
    scaleToZero: [],
    deletions: children.filter(({ deleting }) => !deleting),
    waitingFor: names.length === 0 ? '' : `${names.join(', ')}${more} to be deleted`,
  };
}

function takeDownTier(tier: TierName, { children, deployments, jobs, pods }: Observation): TeardownStep | undefined {
  const services = new Set<string>(CATALOGUE.filter((row) => row.tier === tier).map(({ name }) => name));
  const running = deployments.filter(({ service, replicas }) => services.has(service) && replicas > 0);
  const jobNames = new Set(jobs.filter(({ service }) => services.has(service)).map(({ name }) => name));
  const deletions = children.filter(({ kind, name, deleting }) => kind === 'Job' && !deleting && jobNames.has(name));
  // An evicted pod is deleted with its Deployment, which is deleted last.
  const left = pods.filter(({ service, finished }) => services.has(service) && !finished);
  if (running.length === 0 && jobNames.size === 0 && left.length === 0) return undefined;
  const names = left.map(({ name }) => name).join(', ');
  return {
    scaleToZero: running.map(({ name }) => name),
    deletions,
    waitingFor: `tier ${tier} to stop${names === '' ? '' : `: ${names}`}`,
  };
}
