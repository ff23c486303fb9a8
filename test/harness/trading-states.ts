import type { StateCommand, TradingState } from '../../services/shared/domain/trading-state.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import {
  TradingStates,
  type StateJournal,
  type TradingStateStore,
} from '../../services/shared/trading-state/trading-states.ts';

/** A journal that outlives its process. */
export function memoryJournal(): StateJournal {
  let states: ReturnType<StateJournal['read']> = [];
  return {
    read: () => states,
    write: async (next) => {
      states = next;
      await Promise.resolve();
    },
  };
}

export function stateCommand(state: TradingState, revision = 1, source = 'spec'): StateCommand {
  return { source, state, author: 'ada', reason: 'why', revision };
}

/** Starts the trading states of a process, and returns them with what kills the process. */
export function startStates(
  clock: Clock,
  store: TradingStateStore,
  journal?: StateJournal,
): readonly [TradingStates, () => void] {
  const log = createLogger({ name: 'test', level: 'silent' });
  const states = new TradingStates({ store, clock, log, journal });
  const stop = new AbortController();
  void states.run(stop.signal);
  return [states, () => stop.abort()];
}
