import type { SignalPayload } from '../shared/contracts/messages/signal.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import type { StanceRecord } from './core/stance-record.ts';

/** The stances of the previous run. */
export interface StoredStances {
  readonly records: readonly StanceRecord[];
  /** Names of fields that hold no valid stance. They stay as they are, and the history decides the stance. */
  readonly malformed: readonly string[];
}

/** Store of signal. Publishing never rejects because of Redis; the other calls reject when Redis does not answer. */
export interface SignalStore {
  /** Returns the newest ID of the trade stream of every symbol by stream, `0-0` for an empty or missing one. */
  newestIds(): Promise<ReadonlyMap<string, string>>;
  /** Returns the newest ID of the book stream of every symbol, `0-0` for an empty or missing stream. */
  newestBookIds(): Promise<ReadonlyMap<string, string>>;
  readStances(): Promise<StoredStances>;
  putStances(records: readonly StanceRecord[]): Promise<void>;
  publishSignal(signal: SignalPayload): Promise<PublishResult>;
}
