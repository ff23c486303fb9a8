import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { keyPrefixOf, ORDERS_APPROVED, PAYLOAD_FIELD, SIGNALS } from '../../../services/shared/contracts/keys.ts';
import { TEST_STACK } from '../../fixtures/approved-orders.ts';
import { startPrivatePostgres } from '../../harness/stores/private-postgres.ts';
import { startPrivateRedis } from '../../harness/stores/private-redis.ts';
import { createDatabaseAt } from '../../harness/stores/test-database.ts';
import { until } from '../../harness/until.ts';
import type { Bench, BenchOutput, BenchResult } from '../bench.ts';
import { ROUNDS_OPTION, roundsOf } from '../rounds.ts';
import { openBare } from '../streams/consumers.ts';
import { median, ratioOf } from '../statistics.ts';
import { CREATE_PLAIN } from './bare-decider.ts';
import { DECIDERS, type Answer, type Decider, type Order } from './risk-process.ts';
import { marketCommands, WAVE, waveOf } from './signals.ts';

const WAVES = 5;
/** Decisions per second. */
const GOAL = 2_000;
const PREFIX: Readonly<Record<Decider, string>> = { ours: keyPrefixOf(TEST_STACK), bare: 'bare:' };

export const riskBench: Bench = {
  summary: `decide signals, from their stream to the approvals, in waves of ${WAVE}; beside bare inserts and reads`,
  ...ROUNDS_OPTION,
  run: async (output, values) => {
    const rounds = roundsOf(values);
    output.progress('starting Redis and Postgres');
    const redis = await startPrivateRedis();
    const postgres = await startPrivatePostgres();
    const database = await createDatabaseAt(postgres.options, { migrate: true });
    const deciders = new Map(DECIDERS.map((kind) => [kind, fork(join(import.meta.dirname, 'risk-process.ts'))]));
    const client = openBare(redis.options, '');
    try {
      const versions = await versionsOf(database.pool, client);
      output.say(versions);
      await prepare(database.pool, client);
      for (const [decider, child] of deciders) {
        const stack = { ...redis.options, stack: TEST_STACK };
        await ordered(child, { kind: 'Start', decider, redis: stack, postgres: database.as('risk') });
      }
      return { ...(await measure({ pool: database.pool, client, deciders, rounds }, output)), versions };
    } finally {
      for (const child of deciders.values()) child.disconnect();
      client.disconnect();
      await database.close();
      await postgres.stop();
      await redis.stop();
    }
  },
};

interface Parts {
  readonly pool: Pool;
  readonly client: Redis;
  readonly deciders: ReadonlyMap<Decider, ChildProcess>;
  readonly rounds: number;
}

interface Samples {
  /** Decisions per second, one for each wave; and per round. */
  readonly perSecond: number[][];
  /** Milliseconds of processor time of the deciding process per decision, one for each round. */
  readonly cpuMs: number[];
}

async function measure(parts: Parts, { progress, say }: BenchOutput): Promise<BenchResult> {
  const samples: Record<Decider, Samples> = { ours: { perSecond: [], cpuMs: [] }, bare: { perSecond: [], cpuMs: [] } };
  for (let round = 0; round <= parts.rounds; round += 1) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${parts.rounds}`);
    for (const decider of DECIDERS) {
      const { rates, cpuMs } = await runRound(parts, decider);
      if (round === 0) continue;
      samples[decider].perSecond.push(rates);
      samples[decider].cpuMs.push(cpuMs);
    }
  }
  const ratio = ratioOf(samples.ours.perSecond, samples.bare.perSecond);
  const [ours, bare] = [figuresOf(samples.ours), figuresOf(samples.bare)];
  for (const [name, figures] of Object.entries({ ours, bare })) say(lineOf(name, figures));
  say(`ratio of the rates: ${ratio.median} (rounds ${ratio.rounds.join(' ')}); goal ${GOAL} decisions/s`);
  return { ours, peers: { bare }, ratio: { bare: ratio.median } };
}

async function runRound({ pool, client, deciders }: Parts, decider: Decider) {
  const child = deciders.get(decider);
  if (child === undefined) throw new Error(`no process ${decider}`);
  const cpuBefore = await ordered(child, { kind: 'Report' });
  const rates: number[] = [];
  for (let wave = 0; wave < WAVES; wave += 1) {
    rates.push((WAVE / (await timeWave(client, PREFIX[decider]))) * 1_000);
    if (decider === 'ours') await pool.query(TAKE_UP);
  }
  const cpuUs = (await ordered(child, { kind: 'Report' })) - cpuBefore;
  return { rates, cpuMs: cpuUs / 1_000 / (WAVES * WAVE) };
}

/** Returns the milliseconds from the first signal to the last approval of a wave. */
async function timeWave(client: Redis, prefix: string): Promise<number> {
  await client.del(`${prefix}${ORDERS_APPROVED}`);
  const signals = waveOf(Date.now()).map((signal) => JSON.stringify(signal));
  const startMs = performance.now();
  await Promise.all(signals.map(async (text) => await client.xadd(`${prefix}${SIGNALS}`, '*', PAYLOAD_FIELD, text)));
  const approvals = async (): Promise<boolean> => (await client.xlen(`${prefix}${ORDERS_APPROVED}`)) >= WAVE;
  await until(approvals, { what: `${WAVE} approvals`, withinMs: 30_000, everyMs: 1 });
  return performance.now() - startMs;
}

/** Gives each approval an order that has ended, as execution would: an open approval counts in each later decision. */
const TAKE_UP = `
INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash, deadline, state)
SELECT stack, client_order_id, decision_id, strategy, symbol, 'buy', 'IMMEDIATE_OR_CANCEL', 0.0014, 35, 'ETH', 0, 1, 'h', deadline, 'Cancelled'
FROM risk.open_approvals JOIN risk.decisions USING (stack, decision_id, deadline)`;

async function prepare(pool: Pool, client: Redis): Promise<void> {
  await pool.query(CREATE_PLAIN);
  await pool.query(
    `INSERT INTO trading.balances (stack, asset, ledger, venue, reconciled_at) VALUES ($1, 'ETH', 1000000, 1000000, now() + interval '5 minutes')`,
    [TEST_STACK],
  );
  for (const [name, key = '', ...args] of marketCommands(Date.now()))
    await client.call(name, `${PREFIX.ours}${key}`, ...args);
}

async function versionsOf(pool: Pool, client: Redis): Promise<string> {
  const { rows } = await pool.query<{ server_version: string }>('SHOW server_version');
  const redis = /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? '';
  return `node ${process.versions.node}, Postgres ${rows[0]?.server_version ?? ''} with fsync, Redis ${redis}`;
}

interface Figures {
  readonly perSecond: number;
  readonly perSecondMin: number;
  readonly perSecondMax: number;
  readonly cpuMsPerDecision: number;
}

function figuresOf({ perSecond, cpuMs }: Samples): Figures {
  const rates = perSecond.flat();
  return {
    perSecond: Math.round(median(rates)),
    perSecondMin: Math.round(Math.min(...rates)),
    perSecondMax: Math.round(Math.max(...rates)),
    cpuMsPerDecision: Number(median(cpuMs).toFixed(4)),
  };
}

function lineOf(name: string, { perSecond, perSecondMin, perSecondMax, cpuMsPerDecision }: Figures): string {
  const [middle, least, most] = [perSecond, perSecondMin, perSecondMax].map((rate) => rate.toLocaleString('en'));
  return `${name.padEnd(6)} ${middle} decisions/s (${least} to ${most}), ${cpuMsPerDecision} ms of CPU each`;
}

async function ordered(child: ChildProcess, order: Order): Promise<Answer> {
  const answer = once(child, 'message') as Promise<[Answer]>;
  child.send(order);
  const ended = once(child, 'exit').then(() => {
    throw new Error('the deciding process ended');
  });
  ended.catch(() => undefined);
  return (await Promise.race([answer, ended]))[0];
}
