import type { PoolClient } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { intendedOrder } from '../../services/execution/core/order-record.ts';
import { createCommitIntent, intentStatement } from '../../services/execution/store/orders/commit-intent.ts';
import { insertOrderEvent } from '../../services/execution/store/orders/insert-order-event.ts';
import { raiseFence } from '../../services/execution/store/fence/raise-fence.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { createMexcClient, type MexcClient } from '../../services/shared/venue/mexc/trading-client.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { approvedOrder, insertApproval, TEST_STACK } from '../fixtures/approved-orders.ts';
import { gatherOrderPathEvidence } from './order-path-evidence.ts';
import { violationsOf } from './invariants.ts';
import { startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';

const fence = { epoch: 1, holder: 'planted', approvedBy: 'test' };
let database: TestDatabase;
let simulator: RunningSimulator;
let venue: MexcClient;

beforeEach(async () => {
  database = await createTestDatabase({ migrate: true });
  simulator = await startSimulator();
  const log = createLogger({ name: 'test', level: 'silent' });
  venue = createMexcClient({ ...simulator, symbols: ['XRP/ETH'], recvWindowMs: 2_000, clock: systemClock, log });
  await raiseFence(database.pool, TEST_STACK, fence);
});

afterEach(async () => {
  venue.close();
  await simulator.close();
  await database.close();
});

/**
 * Runs a sender's steps in the given order. The timestamp of the intent is taken first and also signs the request, as
 * in execution.
 */
async function send(...steps: readonly ('insert' | 'commit' | 'post')[]): Promise<void> {
  const intendedAtMs = Date.now();
  const approved = approvedOrder('d1', { type: 'LIMIT', price: parseDecimal('0.0006'), decidedAt: intendedAtMs });
  const order = intendedOrder({ order: approved, instrument: undefined, epoch: 1, intendedAtMs });
  const client = await database.pool.connect();
  const actions = {
    insert: async () => await insert(client, order),
    commit: async () => await client.query('COMMIT'),
    post: async () => {
      const terms = { timestampMs: intendedAtMs, recvWindowMs: 2_000, refusal: () => undefined };
      expect(await venue.place(order.request, terms)).toMatchObject({ kind: 'ok' });
      // The simulator has a resolution of one millisecond.
      await systemClock.sleep(2);
    },
  };
  for (const step of steps) await actions[step]();
  client.release();
}

async function insert(client: PoolClient, order: ReturnType<typeof intendedOrder>): Promise<void> {
  await client.query('BEGIN');
  const { name, text, values } = intentStatement(TEST_STACK, fence, order, 0);
  const { rows } = await client.query<object>({ name, text, values: [...values] });
  expect(rows).toMatchObject([{ orders: 1 }]);
}

async function violationsOfI4(): Promise<readonly string[]> {
  const found = violationsOf(await gatherOrderPathEvidence(simulator.restUrl, database.pool));
  return found.filter((line) => line.startsWith('I4'));
}

it('finds a sender that posts before it commits, although its timestamp is older than both', async () => {
  await send('insert', 'post', 'commit');
  expect(await violationsOfI4()).toEqual([expect.stringMatching(/^I4: the intent of \S+ is \d+ ms younger/)]);
});

it('finds no violation in a sender that commits first', async () => {
  await send('insert', 'commit', 'post');
  expect(await violationsOfI4()).toEqual([]);
});

it('finds an approval whose order has not ended', async () => {
  const approved = approvedOrder('d2');
  await insertApproval(database.pool, approved);
  const found = violationsOf(await gatherOrderPathEvidence(simulator.restUrl, database.pool));
  expect(found).toContain(`I2: ${approved.clientOrderId} was approved and has not ended`);
});

it('finds a buy beside an unknown order of its instrument', async () => {
  const at = { epoch: 1, atMs: Date.now() };
  const of = (id: string) =>
    intendedOrder({ order: approvedOrder(id), instrument: undefined, epoch: 1, intendedAtMs: at.atMs });
  const [first, second] = [of('d1'), of('d2')];
  const commitIntent = createCommitIntent(database.pool, TEST_STACK);
  await commitIntent(fence, first);
  const state = { kind: 'Unknown', sinceMs: at.atMs, filled: first.filled, venueOrderId: undefined } as const;
  await insertOrderEvent(database.pool, TEST_STACK, { ...first, state }, at);
  await commitIntent(fence, second);
  const found = violationsOf(await gatherOrderPathEvidence(simulator.restUrl, database.pool));
  const { clientOrderId } = second.request;
  expect(found).toContain(`I8: ${clientOrderId} buys XRP/ETH while ${first.request.clientOrderId} is unknown`);
});
