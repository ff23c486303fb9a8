import { text, type Inputs } from '../checks/check-outcome.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { stopOf } from './stop-record.ts';

/** Returns what triggered the stop of the position that an exit leaves, to be stored with the decision. */
export function stopInputs({ stops }: Pick<RiskState, 'stops'>, signal: Signal): Inputs {
  const record = signal.stance === 'Flat' ? stopOf(stops, signal) : undefined;
  if (record?.triggered === undefined) return {};
  const { kind, level, bid, entryPrice, atMs } = record.triggered;
  return {
    stop: kind ?? null,
    stopLevel: text(level),
    stopBid: text(bid),
    stopEntryPrice: text(entryPrice),
    stopHighPrice: text(record.highPrice),
    stopOpenedAt: record.openedAtMs,
    stopTriggeredAt: atMs,
  };
}
