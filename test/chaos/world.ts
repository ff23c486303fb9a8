import { systemClock, type Clock } from '../../services/shared/runtime/clock.ts';
import { judgeBooks, type BooksVerdict } from './books.ts';
import { faultNamed } from './faults/all-faults.ts';
import type { ChaosStack, StrikeOptions } from './faults/fault.ts';
import { firstOrderAfter, untilRunsAgain } from './recovery.ts';

/** What a run does to a stack and sees of it. Each throws with the reason if it does not succeed in bounded time. */
export interface ChaosWorld {
  readonly clock: Clock;
  /** Resolves with violations that only the fault itself can see. */
  readonly strike: (fault: string, options: StrikeOptions) => Promise<readonly string[]>;
  readonly untilRunsAgain: () => Promise<void>;
  /** Resolves with the time at which the venue received an order after the given one, both in UTC milliseconds. */
  readonly firstOrderAfter: (afterMs: number) => Promise<number>;
  readonly judgeBooks: () => Promise<BooksVerdict>;
}

export function worldOf(stack: ChaosStack): ChaosWorld {
  return {
    clock: systemClock,
    strike: async (fault, options) => await faultNamed(fault).strike(stack, options),
    untilRunsAgain: async () => await untilRunsAgain(stack),
    firstOrderAfter: async (afterMs) => await firstOrderAfter(stack, afterMs),
    judgeBooks: async () => await judgeBooks(stack),
  };
}
