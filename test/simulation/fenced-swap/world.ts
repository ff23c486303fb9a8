import type { Colour, ExecutionStatus } from '../../../operator/api/v1alpha1/trading-stack/status.ts';
import type { Permit } from '../../../services/execution/core/permit.ts';
import { WARMING, type SenderState } from '../../../services/execution/core/role.ts';

/** The process that holds the fence row; '' after a drain. The incarnation `gone` has ended. */
export type Holder = Colour | 'gone' | '';

/** An order at the venue and in the record. Ages count ticks since it was signed. */
export interface Order {
  /** The row: none, an outcome that is not known, or how it ended. An accepted order is known as such. */
  readonly row: 'None' | 'Intended' | 'Unknown' | 'Accepted' | 'NeverSent';
  readonly epoch: number;
  readonly age: number;
  /** Requests on their way to the venue. */
  readonly requests: number;
  /** How often the venue accepted it, and whether its answers omit it still. */
  readonly accepted: number;
  readonly hidden: boolean;
  /** The venue refused it by its timestamp. */
  readonly refused: boolean;
}

/**
 * The order that a process is sending. Committed: its intent is, and the answer is on its way or has arrived. Doubtful:
 * the answer was lost. Checked: the last check passed, and no byte has left. Sent: all have.
 */
export interface Sending {
  readonly order: number;
  readonly epoch: number;
  readonly age: number;
  readonly stage: 'Committed' | 'Doubtful' | 'Checked' | 'Sent';
}

/** A process of a colour. What it loses with a crash is everything here. Ages are ticks. */
export interface Process {
  readonly sender: SenderState;
  readonly permit: (Pick<Permit, 'epoch'> & { readonly age: number }) | undefined;
  readonly grant: { readonly age: number; readonly drained: boolean } | undefined;
  /** The fence was raised for it, and the answer is on its way. */
  readonly raised: { readonly epoch: number; readonly age: number; readonly drained: boolean } | undefined;
  readonly sending: Sending | undefined;
  /** The release of the fence is done, and the answer is on its way. It records nothing. */
  readonly releasing: boolean;
}

export type Status = Pick<ExecutionStatus, 'active' | 'epoch' | 'transition'>;

/** A call to a process. */
export interface Call {
  readonly kind: 'Drain' | 'Activate';
  readonly to: Colour;
  readonly epoch: number;
}

/** What an operator has decided and not done yet. It decides again only after that, or after a crash. */
export interface Plan {
  /** The status that it saw, while it still has to write. */
  readonly saw: Status | undefined;
  readonly status: Status;
  readonly calls: readonly Call[];
}

/** Everything that is shared, everything that is in memory, and everything that is on its way. */
export interface World {
  readonly row: { readonly epoch: number; readonly holder: Holder; readonly age: number };
  readonly status: Status;
  /** The colour of the release that is rolled out. */
  readonly wanted: Colour;
  readonly blue: Process;
  readonly green: Process;
  readonly operators: readonly (Plan | undefined)[];
  /** A call that the network holds back. */
  readonly late: Call | undefined;
  readonly orders: readonly Order[];
  /** Newest epochs of which a byte has left, of which the venue has an order, and that the status has had. */
  readonly written: number;
  readonly accepted: number;
  readonly recorded: number;
  readonly faultsLeft: number;
  readonly changesLeft: number;
  /** The invariant that the last step broke. */
  readonly broken?: string;
}

export const WARMING_PROCESS: Process = {
  sender: WARMING,
  permit: undefined,
  grant: undefined,
  raised: undefined,
  sending: undefined,
  releasing: false,
};

export const NO_ORDER: Order = {
  row: 'None',
  epoch: 0,
  age: 0,
  requests: 0,
  accepted: 0,
  hidden: false,
  refused: false,
};

export interface Bounds {
  readonly orders: number;
  /** How many things go wrong: a crash, a loss, a repetition, a late call. */
  readonly faults: number;
  /** How often the colour changes that is wanted. */
  readonly changes: number;
  readonly epochs: number;
}

/** Blue sends in epoch 1, green is armed and wanted. */
export function firstWorld({ orders, faults, changes }: Bounds): World {
  const active = { ...WARMING, role: 'active', epoch: 1, newestEpoch: 1, fenceEpoch: 1, reconciled: true } as const;
  return {
    row: { epoch: 1, holder: 'blue', age: 0 },
    status: { active: 'blue', epoch: 1 },
    wanted: 'green',
    blue: { ...WARMING_PROCESS, sender: active, permit: { epoch: 1, age: 0 } },
    green: { ...WARMING_PROCESS, sender: { ...WARMING, role: 'armed', fenceEpoch: 1 } },
    operators: [undefined, undefined],
    late: undefined,
    orders: Array.from({ length: orders }, () => NO_ORDER),
    written: 1,
    accepted: 0,
    recorded: 1,
    faultsLeft: faults,
    changesLeft: changes,
  };
}

export function changedProcess(world: World, colour: Colour, change: Partial<Process>): World {
  return { ...world, [colour]: { ...world[colour], ...change } };
}

export function changedOrder(world: World, index: number, change: Partial<Order>): World {
  return { ...world, orders: world.orders.map((order, at) => (at === index ? { ...order, ...change } : order)) };
}
