import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { keptSecondsOf, VENUE_BUDGET } from '../../../shared/contracts/keys.ts';
import type { RedisClient } from '../../../shared/redis/client.ts';
import type { BudgetAnswer } from '../../core/budget/token-budget.ts';
import type { SharedBudget } from '../../ports.ts';

/** Beside this file, and in the image beside the bundle. */
const lua = readFileSync(new URL('./take-tokens.lua', import.meta.url), 'utf8');
const reply = z.tuple([z.literal([0, 1]), z.number(), z.number(), z.number(), z.number()]);

type Scripted = RedisClient & {
  readonly takeTokens: (key: string, ...args: readonly (string | number)[]) => Promise<unknown>;
};

/** Binds the budget of the account to a connection. One round trip a call. Rejects while Redis is unavailable. */
export function createSharedBudget(client: RedisClient): SharedBudget {
  client.defineCommand('takeTokens', { numberOfKeys: 1, lua });
  const scripted = client as Scripted;
  return {
    take: async ({ bucket, tokens, limit, windowMs, grainMs, passesLimit, limitedForMs, bannedForMs, sentMs = -1 }) => {
      const pauses = [Math.ceil(limitedForMs), Math.ceil(bannedForMs), Math.ceil(sentMs)];
      const terms = [bucket, tokens, limit, windowMs, grainMs, passesLimit ? 1 : 0, ...pauses];
      return answerOf(await scripted.takeTokens(VENUE_BUDGET, ...terms, keptSecondsOf(VENUE_BUDGET)));
    },
  };
}

function answerOf(answer: unknown): BudgetAnswer {
  const [granted, waitMs, limitedForMs, bannedForMs, atMs] = reply.parse(answer);
  return { granted: granted === 1, waitMs, limitedForMs, bannedForMs, atMs };
}
