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
  const { keepDeadLetter, openDeadLetters } = record;
  const store = {
    keepDeadLetter,
    openDeadLetters,
    clearDeadLetter: async (key: Pick<DeadLetter, 'kind' | 'id'>) => {
      cleared.push(key.id);
      await record.clearDeadLetter(key);
    },
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  const letters = new DeadLetters({ store, metrics: createExecutionMetrics(new Registry()), log });
  return { record, letters, cleared };
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
