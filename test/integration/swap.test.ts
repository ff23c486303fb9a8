import { afterEach, beforeEach, expect, it } from 'vitest';
import { drainResponse } from '../../services/shared/contracts/control.ts';
import { INSTRUMENTS, ORDERS_APPROVED } from '../../services/shared/contracts/keys.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { approvedOrder, insertApproval } from '../fixtures/approved-orders.ts';
import { startControlled, type ControlledRun } from '../harness/execution/controlled-run.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';
import { orderPathFaults, venueLog } from '../judges/order-path-evidence.ts';

const SWAPS = 20;
const ORDER_EVERY_MS = 50;
/** Each swap is followed by a reconcile, and the venue's budget of queries bears two in three seconds. */
const SWAP_EVERY_MS = 1_500;
const DEADLINE_MS = 20_000;
/** The budget of queries of the simulated venue is that of the real one: few reconciles a minute. */
const settings = { reconcileIntervalMs: 5_000 };
let database: TestDatabase;
let redis: TestRedis;
let simulator: RunningSimulator;
let runs: ControlledRun[];

beforeEach(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await createTestRedis();
  const simulated = simulatorSettings();
  simulator = await startSimulator({ ...simulated, tape: { ...simulated.tape, speed: 1 } });
  const [instrument] = simulated.instruments;
  await redis.redis.hset(INSTRUMENTS, 'XRP/ETH', JSON.stringify(instrument));
  runs = [];
});

afterEach(async () => {
  for (const run of runs) await run.close();
  await simulator.close();
  await redis.close();
  await database.close();
});

async function start(incarnation: string): Promise<ControlledRun> {
  const run = await startControlled({
    postgres: database.as('execution'),
    redis: redis.options,
    venue: simulator,
    incarnation,
    settings,
  });
  runs.push(run);
  await until(() => run.sender().role === 'armed' && run.sender().rehearsed === true);
  return run;
}

/** Approves a small buy that takes the best ask, and announces it. */
async function approve(id: string): Promise<void> {
  const [nowMs, price] = [Date.now(), parseDecimal('0.003')];
  const terms = { price, quantity: parseDecimal('1'), decidedAt: nowMs, deadline: nowMs + DEADLINE_MS };
  const order = approvedOrder(id, terms);
  await insertApproval(database.pool, order);
  await redis.redis.xadd(ORDERS_APPROVED, '*', 'data', JSON.stringify({ ...order, price: '1', quantity: '1' }));
}

/** Approves an order at each tick until it is stopped. */
function startOrders(): { readonly stop: () => Promise<number> } {
  const ending = new AbortController();
  const run = async (): Promise<number> => {
    const startMs = performance.now();
    let made = 0;
    while (!ending.signal.aborted) {
      await approve(`trend:XRP/ETH:${made}`);
      made += 1;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(0, startMs + made * ORDER_EVERY_MS - performance.now())),
      );
    }
    return made;
  };
  const approved = run();
  return {
    stop: async () => {
      ending.abort();
      return await approved;
    },
  };
}

it(`changes the sender ${SWAPS} times to and fro under 20 orders a second: no overlap, and no order is lost`, async () => {
  let [from, to] = [await start('blue'), await start('green')];
  await from.post('activate', { epoch: 1 });
  await until(() => from.sender().role === 'active');
  const orders = startOrders();
  await until(() => from.sender().lastSentMs !== null);
  const drainMs: number[] = [];
  const mayMs: number[] = [];
  const handOverMs: number[] = [];
  for (let epoch = 1; epoch <= SWAPS; epoch += 1) {
    await new Promise((resolve) => setTimeout(resolve, SWAP_EVERY_MS));
    const askedMs = Date.now();
    const drained = await from.post('drain', { epoch, deadlineMs: DEADLINE_MS, resting: 'Carry' });
    drainMs.push(Date.now() - askedMs);
    expect(drainResponse.parse(drained)).toMatchObject({ drained: true, reason: '' });
    expect(await to.post('activate', { epoch: epoch + 1 })).toMatchObject({ accepted: true });
    await maySend(to);
    mayMs.push(Date.now() - askedMs);
    await until(() => (to.sender().firstSentMs ?? 0) > 0);
    handOverMs.push((to.sender().firstSentMs ?? 0) - askedMs);
    [from, to] = [to, from];
  }
  const made = await orders.stop();
  const faults = async () => await orderPathFaults(simulator.restUrl, database.pool);
  await until(async () => (await faults()).length === 0).catch(() => {});
  expect(await faults()).toEqual([]);

  const { rows } = await database.pool.query<{ state: string; reason: string | null; count: string }>(
    'SELECT state, reason, count(*) AS count FROM trading.orders GROUP BY 1, 2',
  );
  expect(rows).toEqual([{ state: 'Filled', reason: null, count: String(made) }]);
  const gapMs = await gaps();
  expect(gapMs).toHaveLength(SWAPS);
  const [may, first] = [line('next sender may send', mayMs), line('its first order', handOverMs)];
  process.stderr.write(`${line('drain', drainMs)}${may}${first}${line('gap', gapMs)}`);
}, 300_000);

/** Looks at each turn of the event loop: the time is measured. */
async function maySend(run: ControlledRun): Promise<void> {
  while (run.sender().maySend !== true) await new Promise((resolve) => setImmediate(resolve));
}

/** Milliseconds from the last order of each epoch to the first of the next, at the venue. */
async function gaps(): Promise<readonly number[]> {
  const { rows } = await database.pool.query<{ id: string; epoch: string }>(
    'SELECT client_order_id AS id, epoch FROM trading.orders',
  );
  const epochOf = new Map(rows.map(({ id, epoch }) => [id, Number(epoch)]));
  const placed = (await venueLog(simulator.restUrl)).filter(({ kind }) => kind === 'placed');
  return placed.flatMap((entry, index) => {
    const before = placed[index - 1];
    const epochs = [before, entry].map((one) => epochOf.get(one?.clientOrderId ?? ''));
    return before === undefined || epochs[0] === epochs[1] ? [] : [entry.time - before.time];
  });
}

function line(name: string, values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? 0;
  return `${name}: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, max ${at(1)} ms of ${sorted.length}\n`;
}
