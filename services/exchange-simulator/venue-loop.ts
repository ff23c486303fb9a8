import type { Clock } from '../shared/runtime/clock.ts';
import { ExitError, messageOf } from '../shared/runtime/errors.ts';
import { pause } from '../shared/runtime/periodic.ts';
import { untilAborted, type ServicePart } from '../shared/runtime/service-part.ts';
import type { Streams } from './stream/mexc/streams.ts';
import type { Venue } from './journaled-market.ts';

/** The tape, the makers and the fast streams move this often, the slow streams every tenth time, connections are looked at once a second. */
const TURN_MS = 10;
const TURNS_PER_SLOW_FLUSH = 10;
const TURNS_PER_SWEEP = 100;

export interface VenueLoopOptions {
  readonly venue: Venue;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly onTurn: () => void;
}

/** Moves the venue with the clock. */
export function venueLoop({ venue, streams, clock, onTurn }: VenueLoopOptions): ServicePart {
  const turn = (count: number): void => {
    const now = clock.nowMs();
    venue.advance(now);
    streams.flush('10ms', now);
    if (count % TURNS_PER_SLOW_FLUSH === 0) streams.flush('100ms', now);
    if (count % TURNS_PER_SWEEP === 0) streams.sweep();
    onTurn();
  };
  return {
    name: 'tape',
    run: async (signal) => {
      for (let count = 1; !signal.aborted; count += 1) {
        turn(count);
        await pause(clock, TURN_MS, signal);
      }
    },
    stop: async () => streams.server.close(),
  };
}

/** Ends the process when the venue fails. */
export function venueGuard(venue: Venue): ServicePart {
  return {
    name: 'journal',
    run: async (signal) => {
      try {
        await Promise.race([untilAborted(signal), venue.failure]);
      } catch (error) {
        throw new ExitError(1, 'JournalUnwritable', `the journal cannot be written: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },
  };
}
