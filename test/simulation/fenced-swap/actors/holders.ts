import { COLOURS, type Colour } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { isHolding, nextRole } from '../../../../services/execution/core/role.ts';
import type { Rules } from '../rules.ts';
import { fault, step, type Step } from '../step.ts';
import { changedProcess, type Order, type World } from '../world.ts';

/** How a process learns of the fence, takes it and lets go of it. */
export function holderSteps(world: World, rules: Rules): readonly Step[] {
  return COLOURS.flatMap((colour) => [
    ...read(world, colour),
    ...granted(world, colour),
    ...begun(world, colour, rules),
    ...released(world, colour, rules),
  ]);
}

function read(world: World, colour: Colour): readonly Step[] {
  const process = world[colour];
  const { row } = world;
  const warmed = nextRole(process.sender, { kind: 'Warmed' }, colour);
  const sender = nextRole(warmed, { kind: 'FenceRead', fence: { epoch: row.epoch, holder: row.holder } }, colour);
  const renewed = isHolding(sender.role) && !process.releasing && row.epoch === sender.epoch;
  const permit = renewed ? { epoch: row.epoch, age: 0 } : undefined;
  return [step(`${colour} reads the fence at epoch ${row.epoch}`, changedProcess(world, colour, { sender, permit }))];
}

function granted(world: World, colour: Colour): readonly Step[] {
  const { raised, sender } = world[colour];
  if (raised === undefined) return [];
  const { epoch, age, drained } = raised;
  const holding = nextRole(sender, { kind: 'Granted', epoch }, colour);
  const permit = isHolding(holding.role) ? { epoch, age } : undefined;
  const change = { raised: undefined, sender: holding, permit, grant: { age: 0, drained } };
  return [
    step(`${colour} learns that it has epoch ${epoch}`, changedProcess(world, colour, change)),
    fault(`${colour} does not learn that it has epoch ${epoch}`, changedProcess(world, colour, { raised: undefined })),
  ];
}

/** Begins to send: with what a drained sender knew, or after it has asked for the orders of older ones. */
function begun(world: World, colour: Colour, rules: Rules): readonly Step[] {
  const { sender, grant } = world[colour];
  const isWaiting = isHolding(sender.role) && !sender.reconciled;
  if (!isWaiting || !rules.windowHasPassed(grant)) return [];
  const ready = changedProcess(world, colour, { sender: nextRole(sender, { kind: 'Reconciled' }, colour) });
  const asked = { ...ready, orders: rules.asksFirst ? ready.orders.map(asksFor) : ready.orders };
  const reconciled = step(`${colour} has asked for the older orders, and may send`, asked);
  return grant?.drained === true ? [step(`${colour} takes over, and may send`, ready), reconciled] : [reconciled];
}

function asksFor(order: Order): Order {
  if (order.row !== 'Intended' && order.row !== 'Unknown') return order;
  return { ...order, row: order.accepted > 0 && !order.hidden ? 'Accepted' : 'Unknown' };
}

function released(world: World, colour: Colour, rules: Rules): readonly Step[] {
  const { sender, sending, releasing } = world[colour];
  if (releasing) {
    const standby = nextRole(sender, { kind: 'Released' }, colour);
    const change = { sender: standby, releasing: false, permit: undefined, grant: undefined };
    return [
      step(`${colour} learns that it has released the fence`, changedProcess(world, colour, change)),
      fault(
        `${colour} does not learn that it has released the fence`,
        changedProcess(world, colour, { releasing: false }),
      ),
    ];
  }
  if (sender.role !== 'draining') return [];
  const open = world.orders.filter(
    ({ row, epoch }) => epoch <= sender.epoch && (row === 'Intended' || row === 'Unknown'),
  );
  const facts = {
    reconciled: sender.reconciled,
    inFlight: sending === undefined || sending.stage === 'Doubtful' ? 0 : 1,
    unanswered: open.map(() => 'order'),
    doubtful: sending?.stage === 'Doubtful' ? ['XRP/ETH'] : [],
    unreadable: [],
    unrecorded: 0,
    resting: 0,
  };
  if (rules.whyNotDrained(facts) !== undefined) return [];
  if (!rules.release(world.row, { epoch: sender.epoch, holder: colour })) return [];
  const row = { ...world.row, holder: '' } as const;
  return [step(`${colour} releases the fence`, changedProcess({ ...world, row }, colour, { releasing: true }))];
}
