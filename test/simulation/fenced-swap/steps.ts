import { environmentSteps } from './actors/environment.ts';
import { holderSteps } from './actors/holders.ts';
import { networkSteps, operatorSteps } from './actors/operators.ts';
import { senderSteps } from './actors/senders.ts';
import { resolverSteps, venueSteps } from './actors/venue.ts';
import type { Rules } from './rules.ts';
import type { Actor, Step } from './step.ts';
import type { World } from './world.ts';

const ACTORS: readonly Actor[] = [
  operatorSteps,
  networkSteps,
  holderSteps,
  senderSteps,
  venueSteps,
  resolverSteps,
  environmentSteps,
];

/** Returns everything that may happen next. */
export function stepsOf(world: World, rules: Rules): readonly Step[] {
  const steps = ACTORS.flatMap((actor) => actor(world, rules));
  return steps.flatMap((step) => (step.kind === 'Fault' ? counted(step, world.faultsLeft) : step));
}

function counted(step: Step, faultsLeft: number): readonly Step[] {
  return faultsLeft === 0 ? [] : [{ ...step, world: { ...step.world, faultsLeft: faultsLeft - 1 } }];
}
