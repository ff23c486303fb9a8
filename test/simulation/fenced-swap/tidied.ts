import { COLOURS, type Colour } from '../../../operator/api/v1alpha1/trading-stack/status.ts';
import { isHolding } from '../../../services/execution/core/role.ts';
import { textOfOrder } from './fingerprint.ts';
import { isOutdated, livePlan } from './actors/outdated.ts';
import type { Rules } from './rules.ts';
import { PERMIT_AGE_MAX } from './timing.ts';
import { NO_ORDER, type Order, type Process, type World } from './world.ts';

/** Returns the world without what cannot matter any more, so that worlds that behave the same are the same. */
export function tidied(world: World, rules: Rules): World {
  const tidy = world.orders.map((order, index) => tidiedOrder(order, isBeingSent(world, index)));
  const ranks = ranksOf(tidy, world);
  const orders = ranks.map((index) => tidy[index] ?? ENDED);
  const blue = renumbered(tidiedProcess(world, 'blue'), ranks);
  const green = renumbered(tidiedProcess(world, 'green'), ranks);
  const isLate = COLOURS.some((colour) => isBehind(world, world[colour]));
  const row = { ...world.row, age: isLate ? world.row.age : 0 };
  return { ...withoutOutdated(world, rules), orders, blue, green, row };
}

/** Leaves out plans and calls that can have no effect. */
function withoutOutdated(world: World, rules: Rules): World {
  const operators = world.operators.map((plan) => livePlan(world, plan, rules));
  const late = world.late === undefined || isOutdated(world, world.late, rules) ? undefined : world.late;
  return { ...world, operators, late };
}

/** Which order is which does not matter. Those without a row come last, because the first of them is sent next. */
function ranksOf(orders: readonly Order[], world: World): readonly number[] {
  const texts = orders.map((order, index) => `${textOfOrder(order)}${sendersOf(world, index)}`);
  const rank = (index: number): string => `${orders[index]?.row === 'None' ? 'z' : ''}${texts[index] ?? ''}`;
  return [...orders.keys()].sort((a, b) => (rank(a) < rank(b) ? -1 : Number(rank(a) > rank(b))));
}

function sendersOf(world: World, index: number): string {
  return COLOURS.filter((colour) => world[colour].sending?.order === index).join();
}

function renumbered(process: Process, ranks: readonly number[]): Process {
  const { sending } = process;
  return sending === undefined ? process : { ...process, sending: { ...sending, order: ranks.indexOf(sending.order) } };
}

function isBeingSent(world: World, index: number): boolean {
  return COLOURS.some((colour) => world[colour].sending?.order === index);
}

function isBehind({ row }: World, { sender, sending }: Process): boolean {
  const sendsLater = sending !== undefined && sending.stage !== 'Sent' && sending.epoch < row.epoch;
  return sendsLater || (isHolding(sender.role) && sender.epoch < row.epoch);
}

function tidiedOrder(order: Order, isBeingSent: boolean): Order {
  const isOpen = order.row === 'Intended' || order.row === 'Unknown';
  if (isBeingSent || order.requests > 0) return order;
  if (isOpen) return { ...order, refused: false };
  return order.row === 'None' ? NO_ORDER : ENDED;
}

/** However it ended. */
const ENDED: Order = {
  row: 'Accepted',
  epoch: 0,
  age: 0,
  requests: 0,
  accepted: 1,
  hidden: false,
  refused: false,
};

/** An expired permit is as good as none. */
function tidiedProcess(world: World, colour: Colour): Process {
  const process = world[colour];
  const { sender, permit, grant } = process;
  const isValid =
    permit !== undefined && permit.age < PERMIT_AGE_MAX && isHolding(sender.role) && permit.epoch === sender.epoch;
  const isOld = ({ row, epoch }: Order): boolean => (row === 'Intended' || row === 'Unknown') && epoch < sender.epoch;
  const asks = !sender.reconciled || world.orders.some(isOld);
  return {
    ...process,
    permit: isValid ? permit : undefined,
    grant: isHolding(sender.role) && asks && grant !== undefined ? tidiedGrant(grant, sender.reconciled) : undefined,
  };
}

function tidiedGrant({ age, drained }: NonNullable<Process['grant']>, reconciled: boolean): Process['grant'] {
  return { age, drained: drained && !reconciled };
}
