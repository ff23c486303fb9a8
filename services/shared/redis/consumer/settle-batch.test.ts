import { expect, it } from 'vitest';
import { createConsumerWorld, IDLE_MS, type Handler } from '../../../../test/harness/stores/consumer-world.ts';
import { ACK } from './settle-batch.ts';

const MALFORMED = 100;
/** Of a few commands, on connections with a delay of 1 ms in each direction. */
const AT_ONCE_MS = 500;

it('lets dead letters that cannot be written hold nothing up, however often it delivers them', async () => {
  const { pass, add, call, start, letters, pending } = await createConsumerWorld();
  await call('HSET', 'dead.signals', 'not', 'a stream');
  for (let count = 0; count < MALFORMED; count += 1) await call('XADD', 'signals', '*', 'data', '{oops');
  await add(1);
  const seen: number[] = [];
  const handle: Handler = async (entries) => {
    seen.push(...entries.map((entry) => entry.payload.n));
    return await Promise.resolve(entries.map(() => ACK));
  };
  const { unread } = start(handle);
  await pass(AT_ONCE_MS);
  expect(seen).toEqual([1]);
  // Each round delivers all of them, in the end one at a time.
  for (let n = 2; n < 10; n += 1) {
    await pass(IDLE_MS / 2);
    await add(n);
    await pass(AT_ONCE_MS);
    expect([seen.at(-1), unread()]).toEqual([n, new Set()]);
  }
  expect(await pending()).toHaveLength(MALFORMED);
  await call('DEL', 'dead.signals');
  await pass(2 * IDLE_MS);
  expect([(await letters()).length, await pending()]).toEqual([MALFORMED, []]);
});
