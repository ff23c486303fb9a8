import type { Instrument } from '../shared/domain/instrument.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic } from '../shared/runtime/periodic.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import type { MarketMemory } from './market-memory.ts';

/** Rules change rarely; a Redis that came back empty has them again soon after. */
const INTERVAL_MS = 2_000;

/** Keeps the venue's rules in memory. What is known stays known while Redis is away. */
export function instrumentKeeper(options: {
  readonly memory: MarketMemory;
  readonly read: () => Promise<ReadonlyMap<string, Instrument>>;
  readonly clock: Clock;
  readonly log: Logger;
}): ServicePart {
  const { memory, read, clock, log } = options;
  const task = async (): Promise<void> => memory.instrumentsSeen(await read());
  return periodic({ name: 'instruments', intervalMs: INTERVAL_MS, task, clock, log });
}
