import { expect, it } from 'vitest';
import type { StreamEntry } from '../stream-entry.ts';
import { inChunks } from './in-chunks.ts';
import { ACK, type Outcome } from './settle-batch.ts';

const signal = new AbortController().signal;
const entries = [1, 2, 3, 4, 5].map((payload): StreamEntry<number> => ({
  id: `${payload}-0`,
  stream: 's',
  payload,
  deliveries: 1,
}));

it('passes the entries on in chunks, in order, and returns an outcome for each', async () => {
  const chunks: number[][] = [];
  const outcomeOf = (payload: number): Outcome => (payload === 4 ? { kind: 'retry', reason: 'four' } : ACK);
  const handle = inChunks<number>(2, async (chunk) => {
    chunks.push(chunk.map(({ payload }) => payload));
    return await Promise.resolve(chunk.map(({ payload }) => outcomeOf(payload)));
  });
  expect(await handle(entries, signal)).toEqual([1, 2, 3, 4, 5].map(outcomeOf));
  expect(chunks).toEqual([[1, 2], [3, 4], [5]]);
  expect(await handle([], signal)).toEqual([]);
});

it('does not repeat the chunks before the one that rejected, whichever entries the retry has', async () => {
  const chunks: number[][] = [];
  let down = true;
  const handle = inChunks<number>(2, async (chunk) => {
    chunks.push(chunk.map(({ payload }) => payload));
    if (down && chunks.length === 2) throw new Error('down');
    return await Promise.resolve(chunk.map(() => ACK));
  });
  await expect(handle(entries, signal)).rejects.toThrow('down');
  down = false;
  expect(await handle(entries.slice(1), signal)).toEqual([ACK, ACK, ACK, ACK]);
  expect(chunks).toEqual([[1, 2], [3, 4], [3, 4], [5]]);
});

it('rejects when the handler returns fewer outcomes than entries', async () => {
  const handle = inChunks<number>(2, async () => await Promise.resolve([ACK]));
  await expect(handle(entries, signal)).rejects.toThrow('fewer outcomes');
});
