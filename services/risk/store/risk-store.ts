import type { Pool } from 'pg';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { readInstruments } from '../../shared/market/read-instruments.ts';
import type { RiskStore } from '../ports.ts';
import { decideOnce } from './decide-once.ts';
import { publishApproval } from './publish-approval.ts';
import { recordHalt } from './record-halt.ts';

/** Binds the statements of this folder to a pool and a Redis connection. */
export function createRiskStore(pool: Pool, commands: RedisClient): RiskStore {
  const publisher = createPublisher(commands);
  return {
    decideOnce: async (question, rule) => await decideOnce(pool, question, rule),
    recordHalt: async (row) => await recordHalt(pool, row),
    publish: async (order) => await publishApproval(publisher, order),
    readInstruments: async () => await readInstruments(commands),
  };
}
