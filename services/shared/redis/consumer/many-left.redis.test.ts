import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { useStreamConsumers, type Payload } from '../../../../test/harness/stores/stream-consumers.ts';
import { until } from '../../../../test/harness/until.ts';
import { ACK, type BatchHandler } from './settle-batch.ts';

const LEFT = 100_000;
const MAX_AGE_MS = 60_000;
/** A few seconds of work. Generous: a busy machine is no failure. */
const WITHIN_MS = 60_000;
const SUBJECTS = Array.from({ length: 10 }, (_, index) => `pair ${index}`);
/** One subject after the other. */
const subjectOf = ({ n }: Payload): string => `pair ${Math.floor((10 * n) / LEFT)}`;
/** Adds entries from 0 on, which the member `risk-0` reads before it dies. */
const LEAVE = `
  redis.call('XGROUP', 'CREATE', KEYS[1], 'risk', '0', 'MKSTREAM')
  for n = 0, ARGV[1] - 1 do redis.call('XADD', KEYS[1], '*', 'data', '{"n":' .. n .. '}') end
  redis.call('XREADGROUP', 'GROUP', 'risk', 'risk-0', 'COUNT', ARGV[1], 'STREAMS', KEYS[1], '>')`;

const { server, start, add, pending } = useStreamConsumers();

it('takes over a hundred thousand entries of a dead member, after newer ones, and counts none of them as read before', async () => {
  await server.redis.eval(LEAVE, 1, 'signals', LEFT);
  await add({ n: LEFT });
  const seen: number[] = [];
  const handled = new Map<string, number>();
  const handle: BatchHandler<Payload> = async (entries) => {
    for (const { payload } of entries) {
      seen.push(payload.n);
      handled.set(subjectOf(payload), (handled.get(subjectOf(payload)) ?? 0) + 1);
    }
    return await Promise.resolve(entries.map(() => ACK));
  };
  const options = { subjectOf, minIdleMs: 600_000, succeedsAfterMs: 1_000, batchSize: 5_000 };
  const { consumer } = await start(handle, options);
  const untrue = new Set<string>();
  const hasReadAll = (): boolean => {
    const unread = consumer.unread(MAX_AGE_MS);
    if (unread === 'All') return false;
    const waiting = SUBJECTS.filter((subject) => (handled.get(subject) ?? 0) < LEFT / SUBJECTS.length);
    for (const subject of waiting) if (!unread.has(subject)) untrue.add(subject);
    return unread.size === 0;
  };
  await until(() => !hasReadAll() && consumer.figures()['pendingEntries'] === LEFT, { withinMs: WITHIN_MS });
  for (let looks = 0; looks < 200; looks += 1) {
    hasReadAll();
    await delay(10);
  }
  expect([seen, [...untrue]]).toEqual([[LEFT], []]);
  consumer.succeed();
  await until(hasReadAll, { withinMs: WITHIN_MS, everyMs: 5 });
  expect([[...untrue], await pending()]).toEqual([[], 0]);
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: LEFT + 1 }, (_, n) => n));
}, 150_000);
