import type { Scheduler } from './scheduler.ts';

/** Schedules the arrival of what is sent now. */
export type Delivery = (arrive: () => void) => void;

/**
 * Creates a channel that delays what is sent and keeps its order, as a connection and a stream do: what was sent later
 * arrives at the earliest with what was sent before it. `delayMs` draws the delay of one item.
 */
export function createOrderedDelivery(scheduler: Pick<Scheduler, 'nowMs' | 'at'>, delayMs: () => number): Delivery {
  let arrivalMs = 0;
  return (arrive) => {
    arrivalMs = Math.max(arrivalMs, scheduler.nowMs() + delayMs());
    scheduler.at(arrivalMs, arrive);
  };
}
