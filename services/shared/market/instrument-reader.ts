import type { Instrument } from '../domain/instrument.ts';
import { periodic, type Periodic, type PeriodicOptions } from '../runtime/periodic.ts';

/** Short, because nothing is decided or sent after a start until the rules are known. */
const INTERVAL_MS = 500;

export interface InstrumentReaderOptions extends Pick<PeriodicOptions, 'clock' | 'log'> {
  readonly read: () => Promise<ReadonlyMap<string, Instrument>>;
  readonly onInstruments: (instruments: ReadonlyMap<string, Instrument>) => void;
}

/** Re-reads the venue's trading rules from Redis every 500 ms. A failed read is logged and retried. */
export function createInstrumentReader({ read, onInstruments, clock, log }: InstrumentReaderOptions): Periodic {
  const task = async (): Promise<void> => onInstruments(await read());
  return periodic({ name: 'instruments', intervalMs: INTERVAL_MS, task, clock, log });
}
