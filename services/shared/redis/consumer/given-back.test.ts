import { expect, it } from 'vitest';
import { createConsumerWorld, IDLE_MS, type Handler } from '../../../../test/harness/stores/consumer-world.ts';
import { ACK } from './settle-batch.ts';

const TERMS = { succeedsAfterMs: 1_000, blockMs: 250 };
/** Rounds begin after half of the idle time, and a read may be under way. */
const NEXT_ROUND_MS = IDLE_MS / 2 + 1_500;

const giving: Handler = async (entries) =>
  await Promise.resolve(entries.map(() => ({ kind: 'yield', reason: 'not active' })));

function taking(seen: number[]): Handler {
  return async (entries) => {
    seen.push(...entries.map(({ payload }) => payload.n));
    return await Promise.resolve(entries.map(() => ACK));
  };
}

it('keeps an entry that no member may handle yet, however long, and hands it over once one may', async () => {
  const { pass, add, start, letters, pending } = await createConsumerWorld();
  const seen: number[] = [];
  let handle = giving;
  const member = start(async (entries, signal) => await handle(entries, signal), 'risk-new', TERMS);
  await add(1);
  await pass(10 * IDLE_MS);
  expect([await letters(), (await pending()).length]).toEqual([[], 1]);
  handle = taking(seen);
  member.succeed();
  await pass(1_000);
  expect([seen, await letters(), await pending()]).toEqual([[1], [], []]);
});

it('hands over to the member that may handle it, in its next round, what another one was given', async () => {
  const { pass, add, start, nowMs, letters } = await createConsumerWorld();
  const [addedMs, delays] = [new Map<number, number>(), new Map<number, number>()];
  // As a release before this one, which does not give signals back.
  const old: Handler = async (entries) => {
    for (const { payload } of entries) delays.set(payload.n, nowMs() - (addedMs.get(payload.n) ?? 0));
    return await Promise.resolve(entries.map(() => ACK));
  };
  const { unread } = start(old, 'risk-old');
  start(giving, 'risk-new', TERMS);
  await pass(5_000);
  for (let n = 1; n <= 20; n += 1) {
    addedMs.set(n, nowMs());
    await add(n);
    await pass(3_000);
  }
  await pass(NEXT_ROUND_MS);
  expect(delays.size).toBe(20);
  expect(Math.max(...delays.values())).toBeLessThan(NEXT_ROUND_MS);
  expect([unread(), await letters()]).toEqual([new Set(), []]);
});

it('does not count as unread what this process could not give back, however often it was delivered', async () => {
  const { pass, add, start, call, pending } = await createConsumerWorld();
  const { unread } = start(giving, 'risk-new', TERMS);
  await add(1);
  await pass(3_000);
  const [row] = (await pending()) as readonly (readonly [id: string])[];
  // As it stays when the command that gives it back fails.
  await call('XCLAIM', 'signals', 'risk', 'risk-new', 0, row![0], 'IDLE', 0, 'RETRYCOUNT', 2, 'JUSTID');
  await pass(3_000);
  expect([(await pending()).length, unread()]).toEqual([1, new Set()]);
});

it('handles the rest of a batch of which it gives one entry back', async () => {
  const { pass, add, start, pending } = await createConsumerWorld();
  const seen: number[] = [];
  await add(1, 2, 3);
  const outcomes: Handler = async (entries) =>
    await Promise.resolve(
      entries.map(({ payload }) => (payload.n === 2 ? { kind: 'yield', reason: 'not active' } : ACK)),
    );
  start(outcomes, 'risk-1', TERMS);
  await pass(5_000);
  expect((await pending()).length).toBe(1);
  start(taking(seen), 'risk-2', TERMS);
  await pass(NEXT_ROUND_MS);
  expect([seen, await pending()]).toEqual([[2], []]);
});
