import { isHolding, mayTake, nextRole } from '../../../../services/execution/core/role.ts';
import type { Rules } from '../rules.ts';
import { changedProcess, type Call, type World } from '../world.ts';

/** A process obeys a call, as `POST /control/drain` and `POST /control/activate` do. A repetition changes nothing. */
export function obeyed(world: World, call: Call, rules: Rules): World {
  return call.kind === 'Drain' ? drained(world, call) : activated(world, call, rules);
}

function drained(world: World, { to, epoch }: Call): World {
  const { sender } = world[to];
  if (!isHolding(sender.role) || sender.newestEpoch !== epoch) return world;
  return changedProcess(world, to, { sender: nextRole(sender, { kind: 'DrainRequested' }, to) });
}

function activated(world: World, { to, epoch }: Call, rules: Rules): World {
  const { sender, raised } = world[to];
  if (raised !== undefined || !mayTake(sender, epoch)) return world;
  const { granted, before, after } = rules.raise(world.row, { epoch, holder: to });
  if (!granted)
    return changedProcess(world, to, { sender: nextRole(sender, { kind: 'FenceRead', fence: before }, to) });
  const row = { ...world.row, epoch: after.epoch, holder: to, age: 0 };
  const taken = changedProcess({ ...world, row }, to, { raised: { epoch, age: 0, drained: before.holder === '' } });
  const isTwice = epoch < world.row.epoch || (epoch === world.row.epoch && world.row.holder !== to);
  const broken = `Fence: ${to} takes epoch ${epoch} when it is over, or another process has it`;
  return isTwice ? { ...taken, broken } : taken;
}
