import { createPublisher } from '../../../services/shared/redis/publisher.ts';
import { createProducerClient } from '../../../services/shared/redis/client.ts';
import { startPrivateRedis, type RedisAddress } from '../../harness/stores/private-redis.ts';
import { until } from '../../harness/until.ts';
import type { Bench, BenchOutput, BenchResult } from '../bench.ts';
import { ROUNDS_OPTION, roundsOf } from '../rounds.ts';
import { median, ratioOf } from '../statistics.ts';
import { addBare, KINDS, log, openBare, startConsumer, type Kind } from './consumers.ts';
import { messageOf } from './message.ts';

const ENTRIES = 60_000;
const CHUNK = 1_000;
/** Goals: entries per second, and the part of the rate of the reference. */
const GOAL_PER_SECOND = 120_000;
const GOAL_RATIO = 0.65;

export const drainBench: Bench = {
  summary: `read a stream of ${ENTRIES.toLocaleString('en')} signals by a consumer group, beside a loop over ioredis alone`,
  ...ROUNDS_OPTION,
  run: async (output, values) => {
    const redis = await startPrivateRedis();
    try {
      return await measure(redis.options, roundsOf(values), output);
    } finally {
      await redis.stop();
    }
  },
};

async function measure(address: RedisAddress, rounds: number, { progress, say }: BenchOutput): Promise<BenchResult> {
  const perSecond: Record<Kind, number[]> = { ours: [], bare: [] };
  for (let round = 0; round <= rounds; round += 1) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const kind of KINDS) {
      const rate = await drain(kind, address, `drain-${round}`);
      if (round > 0) perSecond[kind].push(rate);
    }
  }
  const each = (kind: Kind): number[][] => perSecond[kind].map((rate) => [rate]);
  const ratio = ratioOf(each('ours'), each('bare'));
  for (const kind of KINDS) say(lineOf(kind, perSecond[kind]));
  say(
    `ratio of the rates: ${ratio.median} (goal ${GOAL_RATIO}, and ${GOAL_PER_SECOND}/s; rounds ${ratio.rounds.join(' ')})`,
  );
  const [ours, bare] = [figuresOf(perSecond.ours), figuresOf(perSecond.bare)];
  return { ours, peers: { bare }, ratio: { bare: ratio.median } };
}

/** Returns the entries per second from the first to the last message. */
async function drain(kind: Kind, address: RedisAddress, stream: string): Promise<number> {
  await fill(kind, address, stream);
  let count = 0;
  let startMs = 0;
  let endMs = 0;
  const onMessage = (): void => {
    if (count === 0) startMs = performance.now();
    count += 1;
    if (count === ENTRIES) endMs = performance.now();
  };
  const consumer = await startConsumer(kind, { address, stream, onMessage });
  await until(() => endMs > 0, { what: `${ENTRIES} messages`, withinMs: 60_000, everyMs: 20 });
  await consumer.stop();
  return (ENTRIES / (endMs - startMs)) * 1_000;
}

async function fill(kind: Kind, address: RedisAddress, stream: string): Promise<void> {
  const bare = openBare(address);
  const commands = createProducerClient({ ...address, name: 'bench', log });
  const publisher = createPublisher(commands);
  await until(() => commands.status === 'ready');
  for (let start = 0; start < ENTRIES; start += CHUNK) {
    const messages = Array.from({ length: CHUNK }, (_, index) => messageOf(start + index));
    if (kind === 'bare') await Promise.all(messages.map(async (message) => await addBare(bare, stream, message)));
    else await publisher.publishAll(messages.map((payload) => ({ stream, payload })));
  }
  bare.disconnect();
  commands.disconnect();
}

function figuresOf(rates: readonly number[]) {
  const [least, most] = [Math.min(...rates), Math.max(...rates)].map(Math.round);
  return { perSecond: Math.round(median(rates)), perSecondMin: least, perSecondMax: most };
}

function lineOf(kind: Kind, rates: readonly number[]): string {
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  const figures = [median(rates), least, most].map((rate) => Math.round(rate).toLocaleString('en'));
  return `${kind.padEnd(6)} ${figures[0]} entries/s (${figures[1]} to ${figures[2]}, ${rates.length} rounds)`;
}
