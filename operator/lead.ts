import type { Clock } from '../services/shared/runtime/clock.ts';
import type { Caches } from './controllers/caches/stack-caches.ts';
import type { EventRecorder } from './kube/events/events.ts';
import type { Controller } from './kube/queue/controller.ts';

export interface LeadOptions {
  readonly caches: Pick<Caches, 'renewed'>;
  /** What this replica sends while it does not lead. */
  readonly standby: { stop(): Promise<void> };
  readonly controller: Pick<Controller, 'run'>;
  /** What sends requests to processes. */
  readonly processes: readonly { stop(): Promise<void> }[];
  readonly events: Pick<EventRecorder, 'stop'>;
  readonly clock: Clock;
}

/** How long the last events may take when this operator stops leading. */
const EVENTS_MS = 1_000;

/**
 * Creates what the operator does while it leads, until the signal fires. It decides nothing before its caches were
 * listed again: they may be older than the last write of the previous leader. Events are for people; the lease is
 * released although the API server is slow to take them.
 */
export function createLead({ caches, standby, controller, processes, events, clock }: LeadOptions) {
  return async (signal: AbortSignal): Promise<void> => {
    await caches.renewed(signal);
    await standby.stop();
    await controller.run(signal);
    const stopped = new AbortController();
    const late = clock.sleep(EVENTS_MS, stopped.signal).catch(() => undefined);
    await Promise.all([...processes.map(async (each) => await each.stop()), Promise.race([events.stop(), late])]);
    stopped.abort();
  };
}
