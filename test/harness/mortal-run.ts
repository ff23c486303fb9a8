import type { ExecutionStore } from '../../services/execution/ports.ts';
import { crashable, type Life } from '../../services/replay/processes/crashable.ts';
import type { TradingVenue } from '../../services/shared/venue/trading-venue.ts';

/** Moments at which a run may be killed: the call has taken effect, and its result is never returned. */
export type Moment = 'intent committed' | 'order placed' | 'fill recorded' | 'fence raised';

/** A process that dies at a chosen moment. */
export class MortalRun implements Life {
  readonly #dieAt: Moment | undefined;
  dead = false;
  close = async (): Promise<void> => await Promise.resolve();

  constructor(dieAt: Moment | undefined) {
    this.#dieAt = dieAt;
  }

  /** Returns `result`, after killing the run when `moment` is the chosen one. */
  after<T>(moment: Moment, result: T): T {
    if (this.#dieAt === moment) void this.kill();
    return result;
  }

  async kill(): Promise<void> {
    if (this.dead) return;
    this.dead = true;
    await this.close();
  }
}

/** Returns the store of a process that dies at the chosen moment, after the statement has taken effect. */
export function mortalStore(store: ExecutionStore, life: MortalRun): ExecutionStore {
  const killing: ExecutionStore = {
    ...store,
    commitIntent: async (fence, order) => life.after('intent committed', await store.commitIntent(fence, order)),
    raiseFence: async (desired) => life.after('fence raised', await store.raiseFence(desired)),
    recordObservation: async (observation) => {
      const change = await store.recordObservation(observation);
      return observation.observation.kind === 'FillSeen' ? life.after('fill recorded', change) : change;
    },
  };
  return crashable(killing, life);
}

export function mortalVenue(venue: TradingVenue, life: MortalRun): TradingVenue {
  const killing: TradingVenue = {
    ...venue,
    place: async (request, terms) => life.after('order placed', await venue.place(request, terms)),
  };
  return crashable(killing, life);
}
