import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { createExecutionMetrics } from '../metrics.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { DeadLetters } from './dead-letters.ts';

const letter: DeadLetter = { kind: 'Fill', id: 'XRP/ETH T1 V1', symbol: 'XRP/ETH', payload: '{}', problem: 'p' };

function createDeadLetters() {
  const record = new MemoryExecutionStore();
  const cleared: string[] = [];
  const database = { fails: false };
  const store = {
    keepDeadLetter: async (kept: DeadLetter) => {
      if (database.fails) throw new Error('Postgres is unavailable');
      await record.keepDeadLetter(kept);
    },
    openDeadLetters: record.openDeadLetters,
    clearDeadLetter: async (key: Pick<DeadLetter, 'kind' | 'id'>) => {
      cleared.push(key.id);
      await record.clearDeadLetter(key);
    },
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  const letters = new DeadLetters({ store, metrics: createExecutionMetrics(new Registry()), log });
  return { record, letters, cleared, database };
}

it('clears a letter of an earlier process that was not read yet', async () => {
  const { record, letters } = createDeadLetters();
  await record.keepDeadLetter(letter);
  await letters.clear(letter);
  await letters.sync();
  expect([letters.open, [...record.deadLetters.values()]]).toEqual([[], []]);
});

it('writes nothing for what has no letter, once the letters were read', async () => {
  const { letters, cleared } = createDeadLetters();
  await letters.sync();
  await letters.clear(letter);
  await letters.sync();
  expect(cleared).toEqual([]);
  await letters.keep(letter);
  await letters.clear(letter);
  expect(cleared).toEqual([letter.id]);
});

it('remembers only the newest thousand things that were processed before the letters were read', async () => {
  const { record, letters, cleared } = createDeadLetters();
  const idOf = (count: number): string => `XRP/ETH T${count} V`;
  await record.keepDeadLetter({ ...letter, id: idOf(3_000) });
  for (let count = 1; count <= 3_000; count += 1) await letters.clear({ kind: 'Fill', id: idOf(count) });
  await letters.sync();
  expect(cleared).toEqual(Array.from({ length: 1_000 }, (_, index) => idOf(2_001 + index)));
  expect(letters.open).toEqual([]);
});

it('remembers every letter that is not saved yet, whatever was processed since', async () => {
  const { letters, cleared, database } = createDeadLetters();
  database.fails = true;
  await letters.keep(letter);
  for (let count = 1; count <= 1_500; count += 1) await letters.clear({ kind: 'Order', id: String(count) });
  database.fails = false;
  await letters.sync();
  expect([letters.open, cleared.length]).toEqual([[letter], 1_000]);
});
