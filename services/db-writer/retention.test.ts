import { expect, it } from 'vitest';
import { systemClock } from '../shared/runtime/clock.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { HISTORY, type HistoryTable } from './core/history.ts';
import { createRetention } from './retention.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** Runs one pass over tables that have so many batches to delete. Returns what was asked of each table. */
async function onePass(batches: Partial<Record<HistoryTable, number>>, failing?: HistoryTable) {
  const left = new Map(Object.entries(batches));
  const asked: string[] = [];
  const abort = new AbortController();
  const store = {
    deleteOld: async () => await Promise.resolve(false),
    deleteHistory: async (table: HistoryTable, keptDays: number) => {
      asked.push(`${table} ${keptDays}`);
      if (table === failing) throw new Error('cannot');
      const rest = left.get(table) ?? 0;
      left.set(table, rest - 1);
      return await Promise.resolve(rest > 0);
    },
  };
  const clock = { ...systemClock, sleep: async () => await Promise.resolve(abort.abort()) };
  await createRetention({ store, historyDays: 45, clock, log }).run(abort.signal);
  return asked;
}

it('asks once for each table without old history', async () => {
  expect(await onePass({})).toEqual(HISTORY.map((table) => `${table} 45`));
});

it('deletes what is left of a table, and leaves the rest of a long history to later passes', async () => {
  const asked = await onePass({ signals: 3, decisions: 1_000 });
  expect(asked.filter((call) => call === 'signals 45')).toHaveLength(4);
  expect(asked.filter((call) => call === 'decisions 45')).toHaveLength(20);
  expect(asked.at(-1)).toBe('dead_letters 45');
});

it('goes on with the other tables when one fails', async () => {
  expect(await onePass({}, 'decisions')).toEqual(HISTORY.map((table) => `${table} 45`));
});
