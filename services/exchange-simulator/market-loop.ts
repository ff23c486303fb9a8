import type { Clock } from '../shared/runtime/clock.ts';
import { ExitError, messageOf } from '../shared/runtime/errors.ts';
import { pause } from '../shared/runtime/periodic.ts';
import { untilAborted, type ServicePart } from '../shared/runtime/service-part.ts';
import type { Streams } from './stream/mexc/streams.ts';
import type { JournaledMarket } from './journaled-market.ts';

/**
 * Interval of a pass. Every pass advances the tape and the makers and flushes the fast streams; every tenth pass
 * flushes the slow streams; once a second, idle connections are closed.
 */
const PASS_MS = 10;
const PASSES_PER_SLOW_FLUSH = 10;
const PASSES_PER_CONNECTION_CHECK = 100;

export interface MarketLoopOptions {
  readonly market: JournaledMarket;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly onPass: () => void;
}

/** Advances the market by the clock, and flushes the streams. */
export function marketLoop({ market, streams, clock, onPass }: MarketLoopOptions): ServicePart {
  const pass = (count: number): void => {
    const nowMs = clock.nowMs();
    market.advance(nowMs);
    streams.flush('10ms', nowMs);
    if (count % PASSES_PER_SLOW_FLUSH === 0) streams.flush('100ms', nowMs);
    if (count % PASSES_PER_CONNECTION_CHECK === 0) streams.sweep();
    onPass();
  };
  return {
    name: 'tape',
    run: async (signal) => {
      for (let count = 1; !signal.aborted; count += 1) {
        try {
          pass(count);
        } catch (error) {
          if (!market.failed) throw error;
          // The guard of the journal ends the process, with a reason that names the journal.
          return await untilAborted(signal);
        }
        await pause(clock, PASS_MS, signal);
      }
    },
    stop: async () => streams.server.close(),
  };
}

/** Ends the process when the journal cannot be written. */
export function journalGuard(market: JournaledMarket): ServicePart {
  return {
    name: 'journal',
    run: async (signal) => {
      try {
        await Promise.race([untilAborted(signal), market.failure]);
      } catch (error) {
        throw new ExitError(1, 'JournalUnwritable', `the journal cannot be written: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },
  };
}
