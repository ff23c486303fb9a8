import type { Pool } from 'pg';
import type { ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher, type PublishResult } from '../../shared/redis/publisher.ts';
import { readInstruments } from '../../shared/market/read-instruments.ts';
import { decideOnce, type Decided, type Question, type Ruling } from './decide-once.ts';
import type { AccountRow } from './load-account.ts';
import { publishApproval } from './publish-approval.ts';
import { recordHalt, type HaltRow } from './record-halt.ts';

/** Everything that risk reads and writes, each statement in its own file. */
export interface RiskStore {
  readonly decideOnce: (question: Question, rule: (account: AccountRow) => Ruling) => Promise<Decided>;
  readonly recordHalt: (row: HaltRow) => Promise<boolean>;
  readonly publish: (order: ApprovedOrderPayload) => Promise<PublishResult>;
  readonly readInstruments: () => Promise<ReadonlyMap<string, Instrument>>;
}

export function createRiskStore(pool: Pool, commands: RedisClient): RiskStore {
  const publisher = createPublisher(commands);
  return {
    decideOnce: async (question, rule) => await decideOnce(pool, question, rule),
    recordHalt: async (row) => await recordHalt(pool, row),
    publish: async (order) => await publishApproval(publisher, order),
    readInstruments: async () => await readInstruments(commands),
  };
}
