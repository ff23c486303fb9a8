import type { Registry } from 'prom-client';
import type { ApprovedOrder } from '../../services/execution/core/order-record.ts';
import type { ExecutionStore, SharedBudget, SharedEpoch } from '../../services/execution/ports.ts';
import type { Execution } from '../../services/execution/service.ts';
import { MemoryExecutionStore } from '../../services/execution/store/memory/memory-execution-store.ts';
import type { ExecutionSettings } from '../../services/shared/contracts/services/execution.ts';
import type { OrderState } from '../../services/shared/domain/orders/order.ts';
import type { StateJournal, TradingStates } from '../../services/shared/trading-state/trading-states.ts';
import type { TradingVenue } from '../../services/shared/venue/trading-venue.ts';
import { CALM } from '../faults/fates.ts';
import { FaultyVenue, type Fate } from '../faults/faulty-venue.ts';
import { approvedOrder } from '../fixtures/approved-orders.ts';
import { virtualClock, type VirtualClock } from './virtual-clock.ts';
import { startVirtualExecution } from './virtual-execution.ts';

export interface Changes {
  /** Members that replace those of the store and of the venue. */
  readonly store?: Partial<ExecutionStore>;
  readonly at?: Partial<TradingVenue>;
  readonly settings?: Partial<ExecutionSettings>;
  /** What the process finds on its disk. */
  readonly journal?: StateJournal;
  readonly budget?: SharedBudget;
  readonly sharedEpoch?: SharedEpoch;
  readonly registry?: Registry;
  /** What publishes the last messages of a process that stops. */
  readonly flushOutbox?: () => Promise<void>;
  /** Where a test commands the process. */
  readonly states?: TradingStates;
}

/** A store and a venue in memory on virtual time, and the processes of execution that run on them, one at a time. */
export interface VirtualStack {
  readonly clock: VirtualClock;
  readonly record: MemoryExecutionStore;
  readonly venue: FaultyVenue;
  /** Why the last process ended by itself; undefined while it runs. */
  readonly ended: () => unknown;
  readonly start: (changes?: Changes) => Execution;
  /** Starts a process and activates it with the next epoch. */
  readonly active: (changes?: Changes) => Promise<Execution>;
  /** Stores an approval that is decided now and expires in ten seconds, as risk does. */
  readonly approve: (decisionId: string, change?: Partial<ApprovedOrder>) => ApprovedOrder;
  readonly stateOf: (order: ApprovedOrder) => OrderState | undefined;
  /** Client order IDs of the orders that the venue accepted. */
  readonly placed: () => readonly string[];
  /** Ends the last process as `kill -9` does, apart from calls in flight. */
  readonly kill: () => void;
}

export function createVirtualStack(fateOf: (clientOrderId: string) => Fate = () => CALM): VirtualStack {
  const clock = virtualClock();
  const record = new MemoryExecutionStore();
  const venue = new FaultyVenue(clock, fateOf);
  let ending = new AbortController();
  let ended: unknown;
  let started = 0;
  const start = ({ store = {}, at = {}, settings = {}, ...given }: Changes = {}): Execution => {
    ending = new AbortController();
    ended = undefined;
    started += 1;
    const ports = { store: changed<ExecutionStore>(record, store), venue: changed<TradingVenue>(venue, at) };
    const onEnd = (error: unknown): void => {
      ended ??= error;
    };
    const options = { ...ports, ...given, clock, settings, incarnation: `process-${started}`, onEnd };
    const execution = startVirtualExecution(options, ending.signal);
    venue.listener = execution.streamEvents;
    return execution;
  };
  return {
    clock,
    record,
    venue,
    start,
    ended: () => ended,
    active: async (changes) => {
      const execution = start(changes);
      await clock.advance(1);
      await execution.activate(record.fence.epoch + 1);
      await clock.advance(3_000);
      return execution;
    },
    approve: (decisionId, change = {}) => {
      const nowMs = clock.nowMs();
      const order = approvedOrder(decisionId, { decidedAt: nowMs, deadline: nowMs + 10_000, ...change });
      record.approvals.push(order);
      return order;
    },
    stateOf: ({ clientOrderId }) => record.orders.get(clientOrderId)?.state,
    placed: () => venue.placed.map(({ request }) => request.clientOrderId),
    kill: () => {
      venue.listener = undefined;
      ending.abort(new Error('killed'));
    },
  };
}

/** Returns `target` with members replaced. */
function changed<T extends object>(target: T, change: Partial<T>): T {
  return new Proxy(target, {
    get: (object, name): unknown => {
      const owner = name in change ? change : object;
      const member: unknown = Reflect.get(owner, name, owner);
      return typeof member === 'function' ? member.bind(owner) : member;
    },
  });
}
