import type { Rules } from '../rules.ts';
import type { Call, Plan, World } from '../world.ts';
import { sameStatus } from './decided.ts';

/** Returns a plan without what can have no effect any more: undefined when that is all of it. */
export function livePlan(world: World, plan: Plan | undefined, rules: Rules): Plan | undefined {
  if (plan === undefined) return undefined;
  const { saw, status } = plan;
  // Its write is going to be refused. A status never returns to a version that it had.
  if (saw !== undefined && rules.comparesStatus && !sameStatus(saw, world.status)) return undefined;
  const calls = plan.calls.filter((call) => !isOutdated(world, call, rules));
  return saw === undefined && calls.length === 0 ? undefined : { saw, status, calls };
}

/** Whether no process is going to obey a call, now or later. */
export function isOutdated(world: World, call: Call, { raisesOnly }: Rules): boolean {
  if (!raisesOnly || mayStillTake(world, call)) return false;
  return call.kind === 'Activate' || !mayStillDrain(world, call);
}

function mayStillTake({ row, ...world }: World, { to, epoch }: Call): boolean {
  if (row.epoch < epoch) return true;
  return row.epoch === epoch && row.holder === to && world[to].sender.newestEpoch !== epoch;
}

function mayStillDrain(world: World, { to, epoch }: Call): boolean {
  const { sender, raised } = world[to];
  const isHeld = sender.newestEpoch === epoch && (sender.role === 'activating' || sender.role === 'active');
  return isHeld || raised?.epoch === epoch;
}
