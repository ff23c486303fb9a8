import { COLOURS } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { isHolding } from '../../../../services/execution/core/role.ts';
import type { Rules } from '../rules.ts';
import { fault, step, type Step } from '../step.ts';
import { acceptsSigned } from '../timing.ts';
import { changedOrder, type Order, type Process, type World } from '../world.ts';

/** Requests arrive at any time, or never. The venue takes what its window allows. */
export function venueSteps(world: World): readonly Step[] {
  return world.orders.flatMap((order, index) => {
    if (order.requests === 0) return [];
    const left = changedOrder(world, index, { requests: order.requests - 1 });
    const lost = fault(`the request of an order of epoch ${order.epoch} is lost`, left);
    if (!acceptsSigned(order.age))
      return [
        step(`the venue refuses an order of epoch ${order.epoch}`, changedOrder(left, index, { refused: true })),
        lost,
      ];
    return [step(`the venue accepts an order of epoch ${order.epoch}`, acceptedBy(left, { order, index })), lost];
  });
}

interface Arrived {
  readonly order: Order;
  readonly index: number;
}

function acceptedBy(world: World, { order, index }: Arrived): World {
  const after = changedOrder(world, index, { accepted: order.accepted + 1, hidden: true });
  const broken = brokenBy(world, order);
  const accepted = Math.max(world.accepted, order.epoch);
  return broken === undefined ? { ...after, accepted } : { ...after, accepted, broken };
}

function brokenBy(world: World, order: Order): string | undefined {
  const { epoch, accepted } = order;
  if (accepted > 0) return `I1: the venue has an order of epoch ${epoch} twice`;
  if (order.row === 'None') return `I4: the venue has an order without an intent`;
  if (epoch < world.accepted) return `I3: an order of epoch ${epoch} came after one of epoch ${world.accepted}`;
  if (epoch < world.written)
    return `One sender: an order of epoch ${epoch} is accepted after epoch ${world.written} began to send`;
  return undefined;
}

/** Asks for orders of unknown outcome. A holder asks for those of older senders, and for those that it sent. */
export function resolverSteps(world: World, rules: Rules): readonly Step[] {
  return COLOURS.flatMap((colour) => {
    const process = world[colour];
    if (!isHolding(process.sender.role) || !process.sender.reconciled || process.releasing) return [];
    return world.orders.flatMap((order, index) => {
      if (!isOpen(order, index, process)) return [];
      if (order.accepted > 0 && !order.hidden)
        return [
          step(`${colour} finds an order of epoch ${order.epoch}`, changedOrder(world, index, { row: 'Accepted' })),
        ];
      if (rules.mayConclude(heldFor(order, process)))
        return [
          step(
            `${colour} concludes that an order of epoch ${order.epoch} never arrived`,
            changedOrder(world, index, { row: 'NeverSent' }),
          ),
        ];
      return order.row === 'Intended'
        ? [
            step(
              `${colour} does not find an order of epoch ${order.epoch}`,
              changedOrder(world, index, { row: 'Unknown' }),
            ),
          ]
        : [];
    });
  });
}

function isOpen({ row, epoch }: Order, index: number, { sender, sending }: Process): boolean {
  return (row === 'Intended' || row === 'Unknown') && epoch <= sender.epoch && sending?.order !== index;
}

/** Since when a process knows of an order: its own since it signed it, an older one since the grant. */
function heldFor({ epoch, age }: Order, { sender, grant }: Process): number {
  return epoch === sender.epoch ? age : Math.min(age, grant?.age ?? 0);
}
