import { virtualClock } from '../../../../test/harness/virtual-clock.ts';
import { budgetContract } from '../budget-contract.ts';
import { MemoryBudget } from './memory-budget.ts';

budgetContract('MemoryBudget', async () => {
  const clock = virtualClock();
  const budget = new MemoryBudget(clock);
  return await Promise.resolve({ one: budget, other: budget, pass: async (ms) => await clock.advance(ms) });
});
