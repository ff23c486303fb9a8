import { expect, it } from 'vitest';
import { createParallelQueue } from './parallel-queue.ts';

const settled = async (): Promise<void> => {
  await new Promise((resolve) => setImmediate(resolve));
};

it('runs at most so many at a time, in the order of the calls, and goes on after a failure', async () => {
  const inParallel = createParallelQueue(2);
  const works = Array.from({ length: 5 }, () => Promise.withResolvers<string>());
  const started: number[] = [];
  const results = works.map(
    async ({ promise }, index) =>
      await inParallel(async () => {
        started.push(index);
        return await promise;
      }).catch((error: unknown) => String(error)),
  );
  await settled();
  expect(started).toEqual([0, 1]);
  works[1]?.reject(new Error('failed'));
  await settled();
  expect(started).toEqual([0, 1, 2]);
  for (const index of [0, 2, 3, 4]) works[index]?.resolve(`done ${index}`);
  expect(await Promise.all(results)).toEqual(['done 0', 'Error: failed', 'done 2', 'done 3', 'done 4']);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

it('has all its places again when it has run empty', async () => {
  const inParallel = createParallelQueue(1);
  await inParallel(async () => await Promise.resolve());
  expect(await inParallel(async () => await Promise.resolve('again'))).toBe('again');
});
