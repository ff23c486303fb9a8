import { CATALOGUE } from '../../../../services/shared/contracts/catalogue.ts';
import { TIERS, type TierName } from '../../../../services/shared/contracts/service-row.ts';
import type { ObservedChild, Observation } from '../observe/observation.ts';

/** The next step of taking a stack down. */
export interface TeardownStep {
  readonly scaleToZero: readonly string[];
  readonly deletions: readonly ObservedChild[];
  /** What is waited for; empty when nothing is left. */
  readonly waitingFor: string;
}

/**
 * Tiers backwards: the sender of orders first, then those that feed it, each without pods before the next is touched. Then
 * everything that is left is deleted by name, so that nothing depends on how soon the garbage collector comes by.
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
    waitingFor: names.length === 0 ? '' : `${names.join(', ')}${more} to be gone`,
  };
}

function takeDownTier(tier: TierName, { children, deployments, jobs, pods }: Observation): TeardownStep | undefined {
  const services = new Set<string>(CATALOGUE.filter((row) => row.tier === tier).map(({ name }) => name));
  const running = deployments.filter(({ service, replicas }) => services.has(service) && replicas > 0);
  const jobNames = new Set(jobs.filter(({ service }) => services.has(service)).map(({ name }) => name));
  const deletions = children.filter(({ kind, name, deleting }) => kind === 'Job' && !deleting && jobNames.has(name));
  // An evicted pod goes with its Deployment only, which is deleted last.
  const left = pods.filter(({ service, finished }) => services.has(service) && !finished);
  if (running.length === 0 && jobNames.size === 0 && left.length === 0) return undefined;
  const names = left.map(({ name }) => name).join(', ');
  return {
    scaleToZero: running.map(({ name }) => name),
    deletions,
    waitingFor: `tier ${tier} to stop${names === '' ? '' : `: ${names}`}`,
  };
}
