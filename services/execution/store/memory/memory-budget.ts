import { FULL_BUDGET, takeTokens, type BudgetRequest } from '../../core/budget/token-budget.ts';
import type { SharedBudget } from '../../ports.ts';

/** The request budget of an account in memory, for all processes that share it. */
export class MemoryBudget implements SharedBudget {
  readonly #clock: { readonly nowMs: () => number };
  #budget = FULL_BUDGET;

  constructor(clock: { readonly nowMs: () => number }) {
    this.#clock = clock;
  }

  readonly take = async (request: BudgetRequest) => {
    const { budget, answer } = takeTokens(this.#budget, request, Math.floor(this.#clock.nowMs()));
    this.#budget = budget;
    return await Promise.resolve(answer);
  };
}
