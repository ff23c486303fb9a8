import type { Pool } from 'pg';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { readTradingStates } from '../../shared/postgres/trading-states/read-trading-states.ts';
import { setTradingState } from '../../shared/postgres/trading-states/set-trading-state.ts';
import { readInstruments } from '../../shared/market/read-instruments.ts';
import type { RiskStore } from '../ports.ts';
import { decideOnce } from './decide-once.ts';
import { loadAccount } from './load-account.ts';
import { publishApproval } from './publish-approval.ts';

/** Binds the statements of this folder to a stack, a pool and a Redis connection. */
export function createRiskStore(pool: Pool, commands: RedisClient, stack: string): RiskStore {
  const publisher = createPublisher(commands);
  return {
    decideOnce: async (question, rule) => await decideOnce(pool, question, rule),
    readAccount: async (nowMs) => await loadAccount(pool, stack, nowMs),
    readTradingStates: async () => await readTradingStates(pool, stack),
    setTradingState: async (command) => await setTradingState(pool, stack, command),
    publish: async (order) => await publishApproval(publisher, order),
    readInstruments: async () => await readInstruments(commands),
  };
}
