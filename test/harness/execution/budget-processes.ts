import { RateBudget } from '../../../services/execution/budget/rate-budget.ts';
import { MemoryBudget } from '../../../services/execution/store/memory/memory-budget.ts';
import type { SharedBudget } from '../../../services/execution/ports.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { virtualClock } from '../virtual-clock.ts';

const LIMITS = { ordersPerSecond: 5, queries: { tokens: 20, windowMs: 10_000 } };
const log = createLogger({ name: 'test', level: 'silent' });

/** Processes that share the request budget of an account, by a Redis that a test replaces. */
export class BudgetProcesses {
  readonly clock = virtualClock();
  readonly memory = new MemoryBudget(this.clock);
  /** Requests to Redis. */
  asked = 0;
  redis: SharedBudget['take'] = this.memory.take;

  processOf(limits = LIMITS, holdsFence: boolean | (() => boolean) = true): RateBudget {
    const take: SharedBudget['take'] = async (request) => {
      this.asked += 1;
      return await this.redis(request);
    };
    const holds = typeof holdsFence === 'boolean' ? () => holdsFence : holdsFence;
    return new RateBudget({ shared: { take }, limits, holdsFence: holds, clock: this.clock, log });
  }
}

/** A Redis that has no connection. */
export const refuse = async (): Promise<never> => await Promise.reject(new Error('Connection is closed.'));
