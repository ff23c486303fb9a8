import type { Pool } from 'pg';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { readTradingStates } from '../../shared/postgres/trading-states/read-trading-states.ts';
import { setTradingState } from '../../shared/postgres/trading-states/set-trading-state.ts';
import { readInstruments } from '../../shared/market/read-instruments.ts';
import type { RiskStore } from '../ports.ts';
import { readRefusedOrders } from './account/read-refused-orders.ts';
import { activateRelease } from './activation/activate-release.ts';
import { observeRelease } from './activation/observe-release.ts';
import { renewRelease } from './activation/renew-release.ts';
import { finishReset } from './breakers/finish-reset.ts';
import { leaveBreaker } from './breakers/leave-breaker.ts';
import { saveEquity } from './breakers/save-equity.ts';
import { tripBreaker } from './breakers/trip-breaker.ts';
import { insertCancelRequests } from './cancels/insert-cancel-requests.ts';
import { decideAll, type RiskCore } from './decide-all.ts';
import { loadAccount } from './load-account.ts';
import { publishApprovals } from './publish-approvals.ts';
import { deleteClosedStop } from './stops/delete-closed-stop.ts';
import { changeStopRules } from './stops/change-stop-rules.ts';
import { insertStop } from './stops/insert-stop.ts';
import { raiseStop } from './stops/raise-stop.ts';
import { triggerStop } from './stops/trigger-stop.ts';

/** Binds the statements of this folder to a stack, a pool and a Redis connection. */
export function createRiskStore(pool: Pool, commands: RedisClient, stack: string, core: RiskCore): RiskStore {
  const publisher = createPublisher(commands);
  return {
    ...riskStatements(pool, stack, core),
    publish: async (orders) => await publishApprovals(publisher, orders),
    readInstruments: async () => await readInstruments(commands),
  };
}

/** Binds the statements in Postgres to a stack and a pool. */
export function riskStatements(
  pool: Pool,
  stack: string,
  core: RiskCore,
): Omit<RiskStore, 'publish' | 'readInstruments'> {
  return {
    decideAll: async (moment, subjects, rule) => await decideAll({ pool, core }, moment, subjects, rule),
    readAccount: async (nowMs) => (await loadAccount(pool, { stack, nowMs, ids: [] })).account,
    refusedOrders: async (clientOrderIds) => await readRefusedOrders(pool, stack, clientOrderIds),
    observeRelease: async () => await observeRelease(pool, stack),
    renewRelease: async (release) => await renewRelease(pool, stack, release),
    activateRelease: async (wanted) => await activateRelease(pool, stack, wanted),
    requestCancels: async (nowMs, wanted) => await insertCancelRequests(pool, stack, nowMs, wanted),
    beginStop: async (key, rules) => await insertStop(pool, stack, key, rules),
    changeStopRules: async (key, rules) => await changeStopRules(pool, stack, key, rules),
    raiseStop: async (key, highPrice) => await raiseStop(pool, stack, key, highPrice),
    triggerStop: async (record) => await triggerStop(pool, stack, record),
    endStop: async (key) => await deleteClosedStop(pool, stack, key),
    saveEquity: async (record) => await saveEquity(pool, stack, record),
    tripBreaker: async (trip) => await tripBreaker(pool, stack, trip),
    leaveBreaker: async (leave) => await leaveBreaker(pool, stack, leave),
    finishReset: async (id) => await finishReset(pool, stack, id),
    readTradingStates: async () => await readTradingStates(pool, stack),
    setTradingState: async (command) => await setTradingState(pool, stack, command),
  };
}
