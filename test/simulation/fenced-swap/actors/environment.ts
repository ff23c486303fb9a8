import { COLOURS, type Colour } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { change, fault, step, type Step } from '../step.ts';
import { older, PERMIT_AGE_MAX } from '../timing.ts';
import { WARMING_PROCESS, type Process, type World } from '../world.ts';

/** Time, crashes and restarts of processes, and people who change what they want. */
export function environmentSteps(world: World): readonly Step[] {
  return [
    step('time passes', later(world)),
    ...COLOURS.filter((colour) => world[colour].sender.role === 'fenced').map((colour) =>
      step(`${colour} has lost the fence, and restarts`, restarted(world, colour)),
    ),
    ...COLOURS.map((colour) => fault(`${colour} crashes, and restarts`, restarted(world, colour))),
    ...(world.changesLeft === 0 ? [] : [changed(world)]),
  ];
}

/** What it sent stays on its way, and what it holds stays in its name. */
function restarted(world: World, colour: Colour): World {
  const { row } = world;
  return { ...world, [colour]: WARMING_PROCESS, row: row.holder === colour ? { ...row, holder: 'gone' } : row };
}

function changed(world: World): Step {
  const wanted = world.wanted === 'blue' ? 'green' : 'blue';
  return change(`${wanted} is wanted`, { ...world, wanted, changesLeft: world.changesLeft - 1 });
}

function later(world: World): World {
  return {
    ...world,
    row: { ...world.row, age: older(world.row.age, PERMIT_AGE_MAX) },
    blue: aged(world.blue),
    green: aged(world.green),
    orders: world.orders.map((order) => ({ ...order, age: older(order.age), hidden: false })),
  };
}

function aged(process: Process): Process {
  const { permit, grant, raised, sending } = process;
  return {
    ...process,
    permit: permit && { ...permit, age: older(permit.age, PERMIT_AGE_MAX) },
    grant: grant && { ...grant, age: older(grant.age) },
    raised: raised && { ...raised, age: older(raised.age, PERMIT_AGE_MAX) },
    sending: sending && { ...sending, age: older(sending.age) },
  };
}
