import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createWorkQueue } from './work-queue.ts';

function failing(count: number) {
  const clock = virtualClock();
  const queue = createWorkQueue({ clock, name: 'test', baseDelayMs: 100, ratePerSecond: 10, burst: 5 });
  for (let index = 0; index < count; index += 1) queue.addRateLimited(`key-${index}`);
  return { clock, queue };
}

it('retries an urgent key after its own backoff, however many other keys fail', async () => {
  const { clock, queue } = failing(105);
  queue.addRateLimited('halted', 'high');
  await clock.advance(100);
  expect(await queue.take()).toEqual({ key: 'halted', priority: 'high' });
  queue.done('halted');
  queue.addRateLimited('halted', 'high');
  await clock.advance(199);
  expect((await queue.take())?.key).not.toBe('halted');
  await clock.advance(1);
  expect(await queue.take()).toEqual({ key: 'halted', priority: 'high' });
});

it('brings the retry of a failing key forward when the key becomes urgent', async () => {
  const { clock, queue } = failing(105);
  queue.addRateLimited('key-104', 'high');
  await clock.advance(200);
  expect(await queue.take()).toEqual({ key: 'key-104', priority: 'high' });
});

it('does not delay the retries of other keys by those of an urgent one', async () => {
  const { clock, queue } = failing(5);
  for (let index = 0; index < 50; index += 1) queue.addRateLimited(`halted-${index}`, 'high');
  queue.addRateLimited('other');
  await clock.advance(100);
  expect(queue.depth()).toBe(56);
});
