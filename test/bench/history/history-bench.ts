import { startPrivatePostgres } from '../../harness/stores/private-postgres.ts';
import { createDatabaseAt } from '../../harness/stores/test-database.ts';
import { UsageError, type Bench, type BenchOutput, type BenchResult, type BenchValues } from '../bench.ts';
import { ROUNDS_OPTION, roundsOf } from '../rounds.ts';
import { ratioOf, summaryOf } from '../statistics.ts';
import { CALLS, openCalls, type Call, type Calls } from './calls.ts';
import { fillHistory } from './fill-history.ts';

const SIZES = '0,100000,1000000';
const SAMPLES = 40;
/** Ratio of medians to the record without history. */
const GOAL = 1.15;

export const historyBench: Bench = {
  summary: `run what trades on records with ${SIZES} orders and fills, each beside the record without history`,
  options: { ...ROUNDS_OPTION.options, sizes: { type: 'string' } },
  help: [...ROUNDS_OPTION.help, `--sizes <n,n,...>: orders of each record, beginning with 0 (default ${SIZES})`],
  run: async (output, values) => {
    const [sizes, rounds] = [sizesOf(values), roundsOf(values)];
    output.progress('starting Postgres');
    const server = await startPrivatePostgres({ max_wal_size: '4GB', shared_buffers: '512MB', autovacuum: 'off' });
    const closing: (() => Promise<void>)[] = [async () => await server.stop()];
    try {
      const records: Calls[] = [];
      for (const size of sizes) {
        const startMs = performance.now();
        const database = await createDatabaseAt(server.options, { migrate: true });
        closing.push(async () => await database.close());
        const count = `${size.toLocaleString('en')} orders`;
        await fillHistory(database.options, size, (table) => output.progress(`${count}: ${table}`));
        const calls = await openCalls(database);
        closing.push(async () => await calls.close());
        records.push(calls);
        output.progress(`${count}: ${Math.round((performance.now() - startMs) / 1_000)} s`);
      }
      return await measure({ sizes, records, rounds }, output);
    } finally {
      for (const close of closing.toReversed()) await close();
    }
  },
};

/** Returns the sizes that the command line asks for. Throws UsageError. */
export function sizesOf({ sizes = SIZES }: BenchValues): readonly number[] {
  const texts = typeof sizes === 'string' ? sizes.split(',') : [];
  const isCount = (text: string): boolean => /^\d{1,8}$/.test(text);
  if (texts.length >= 2 && texts.every(isCount) && Number(texts[0]) === 0) return texts.map(Number);
  throw new UsageError(`--sizes is a list of numbers that begins with 0, such as ${SIZES}, not ${String(sizes)}`);
}

interface Parts {
  readonly sizes: readonly number[];
  readonly records: readonly Calls[];
  readonly rounds: number;
}

async function measure(parts: Parts, { progress, say }: BenchOutput): Promise<BenchResult> {
  const { sizes, rounds } = parts;
  /** By call and record: the samples of each round. */
  const samples = new Map(CALLS.map((call) => [call, sizes.map((): number[][] => [])]));
  const next = counter();
  for (let round = 0; round <= rounds; round += 1) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const call of CALLS) {
      const taken = await sample(parts, call, next);
      if (round > 0) taken.forEach((own, index) => samples.get(call)?.[index]?.push(own));
    }
  }
  const figures = CALLS.map((call) => [call, figuresOf(sizes, samples.get(call) ?? [])] as const);
  for (const [call, { p50Ms, ratio }] of figures) say(lineOf(call, p50Ms, ratio));
  say(`milliseconds at the median with ${sizes.join(', ')} orders, and the ratio to the first (goal ${GOAL})`);
  const worst = Math.max(...figures.flatMap(([, { ratio }]) => ratio));
  return { sizes, ours: Object.fromEntries(figures), peers: { empty: sizes[0] }, ratio: { worst } };
}

/** Runs a call on every record in turn, so that what else the machine does affects all of them. */
async function sample({ records }: Parts, call: Call, next: () => number): Promise<readonly number[][]> {
  const taken = records.map((): number[] => []);
  for (let turn = 0; turn < SAMPLES; turn += 1) {
    for (const [index, record] of records.entries()) {
      const n = next();
      const startMs = performance.now();
      await record.run[call](n);
      taken[index]?.push(performance.now() - startMs);
      await record.settle(call, n);
    }
  }
  return taken;
}

function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count;
  };
}

function figuresOf(sizes: readonly number[], rounds: readonly (readonly number[][])[]) {
  const empty = rounds[0] ?? [];
  return {
    p50Ms: sizes.map((_size, index) => summaryOf((rounds[index] ?? []).flat()).p50Ms),
    minMs: sizes.map((_size, index) => summaryOf((rounds[index] ?? []).flat()).minMs),
    maxMs: sizes.map((_size, index) => summaryOf((rounds[index] ?? []).flat()).maxMs),
    ratio: sizes.slice(1).map((_size, index) => ratioOf(rounds[index + 1] ?? [], empty).median),
  };
}

function lineOf(call: Call, p50Ms: readonly number[], ratio: readonly number[]): string {
  const figure = (value: number): string => value.toFixed(2).padStart(8);
  return `${call.padEnd(10)} ${p50Ms.map(figure).join('')}   ratio${ratio.map(figure).join('')}`;
}
