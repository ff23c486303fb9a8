import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { periodic, type Periodic } from '../runtime/periodic.ts';
import type { TradingStates } from './trading-states.ts';

export interface StateReaderOptions {
  readonly states: Pick<TradingStates, 'load'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const EVERY_MS = 500;

/** Creates the part that reads the record of trading states at intervals, for what others wrote there. */
export function createStateReader({ states, ...modules }: StateReaderOptions): Periodic {
  return periodic({ ...modules, name: 'trading state', intervalMs: EVERY_MS, task: async () => await states.load() });
}
