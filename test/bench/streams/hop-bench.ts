import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProducerClient } from '../../../services/shared/redis/client.ts';
import { createPublisher } from '../../../services/shared/redis/publisher.ts';
import { startPrivateRedis, type RedisAddress } from '../../harness/stores/private-redis.ts';
import { until } from '../../harness/until.ts';
import type { Bench, BenchOutput, BenchResult } from '../bench.ts';
import { ROUNDS_OPTION, roundsOf } from '../rounds.ts';
import { ratioOf, summaryOf } from '../statistics.ts';
import { addBare, KINDS, log, openBare, type Kind } from './consumers.ts';
import type { Order, Times } from './hop-receiver.ts';
import { messageOf } from './message.ts';

const PER_SECOND = 1_000;
const MESSAGES = 2_000;
const GOAL = 1.2;
const SETTLE_MS = 500;

export const hopBench: Bench = {
  summary: 'send signals through a stream from one process to another at 1,000/s, beside ioredis alone',
  ...ROUNDS_OPTION,
  run: async (output, values) => {
    const redis = await startPrivateRedis();
    const receiver = fork(join(import.meta.dirname, 'hop-receiver.ts'));
    try {
      return await measure({ address: redis.options, receiver, count: roundsOf(values) }, output);
    } finally {
      receiver.kill();
      await redis.stop();
    }
  },
};

interface Parts {
  readonly address: RedisAddress;
  readonly receiver: ChildProcess;
  /** Number of rounds. */
  readonly count: number;
}

async function measure({ address, receiver, count }: Parts, { progress, say }: BenchOutput): Promise<BenchResult> {
  const bare = openBare(address);
  const commands = createProducerClient({ ...address, name: 'bench', log });
  const publisher = createPublisher(commands);
  await until(() => commands.status === 'ready');
  const send = {
    ours: async (stream: string, n: number) => await publisher.publish(stream, messageOf(n)),
    bare: async (stream: string, n: number) => await addBare(bare, stream, messageOf(n)),
  };
  const rounds: Record<Kind, number[][]> = { ours: [], bare: [] };
  for (let round = 0; round <= count; round += 1) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${count}`);
    for (const kind of KINDS) {
      const stream = `hop-${round}`;
      await ordered(receiver, { kind: 'Receive', consumer: kind, address, stream });
      await delay(SETTLE_MS);
      const sentNs = await sendAll(async (n) => await send[kind](stream, n));
      await delay(SETTLE_MS);
      const times = await ordered(receiver, { kind: 'Report' });
      if (times.length !== MESSAGES) throw new Error(`${kind}: ${times.length} of ${MESSAGES} messages arrived`);
      if (round > 0) rounds[kind].push(times.map(([n, atNs]) => Number(BigInt(atNs) - (sentNs[n] ?? 0n)) / 1e6));
    }
  }
  bare.disconnect();
  commands.disconnect();
  const ratio = ratioOf(rounds.ours, rounds.bare);
  const [ours, peer] = [summaryOf(rounds.ours.flat()), summaryOf(rounds.bare.flat())];
  for (const [kind, { p50Ms, p99Ms, samples }] of Object.entries({ ours, bare: peer }))
    say(`${kind.padEnd(6)} p50 ${p50Ms.toFixed(3)} ms  p99 ${p99Ms.toFixed(3)} ms  n ${samples}`);
  say(`ratio of the medians: ${ratio.median} (goal ${GOAL}; rounds ${ratio.rounds.join(' ')})`);
  return { ours, peers: { bare: peer }, ratio: { bare: ratio.median } };
}

/** Sends the messages at the rate. Returns when each was sent. */
async function sendAll(send: (n: number) => Promise<unknown>): Promise<readonly bigint[]> {
  const sentNs: bigint[] = [];
  const sending: Promise<unknown>[] = [];
  const startMs = performance.now();
  while (sentNs.length < MESSAGES) {
    const due = Math.min(MESSAGES, Math.floor(((performance.now() - startMs) * PER_SECOND) / 1_000) + 1);
    while (sentNs.length < due) {
      sentNs.push(process.hrtime.bigint());
      sending.push(send(sentNs.length - 1));
    }
    await delay(1);
  }
  await Promise.all(sending);
  return sentNs;
}

async function ordered(receiver: ChildProcess, order: Order): Promise<Times> {
  receiver.send(order);
  const waiting = new AbortController();
  const { signal } = waiting;
  const ended = once(receiver, 'exit', { signal }).then(() => {
    throw new Error('the receiving process ended');
  });
  try {
    const [answer] = (await Promise.race([once(receiver, 'message', { signal }), ended])) as [Times];
    return answer;
  } finally {
    waiting.abort();
    await ended.catch(() => undefined);
  }
}
