import { createDatabaseAt } from '../../harness/stores/test-database.ts';
import { startPrivatePostgres } from '../../harness/stores/private-postgres.ts';
import type { Bench, BenchOutput, BenchResult } from '../bench.ts';
import { ratioOf, summaryOf, type Summary } from '../statistics.ts';
import { CREATE_PLAIN, HELD, INSERT_PLAIN, openPlainPool, openRecord, orderOf, plainValues } from './record.ts';
import { prepareWriters } from './writers.ts';

/** What is compared: a call that commits one order. */
const KINDS = ['intent', 'insert', 'prepared insert'] as const;
type Kind = (typeof KINDS)[number];
type Calls = Readonly<Record<Kind, (n: number) => Promise<unknown>>>;
/** Samples of each kind, per round. */
type Rounds = Readonly<Record<Kind, number[][]>>;

const ROUNDS = 7;
const SAMPLES = 600;
const WARM_UP = 300;
const SAMPLES_BESIDE = 300;
/** Goals, as ratios of medians. */
const GOAL = 1.8;
const GOAL_BESIDE = 4;

export const intentBench: Bench = {
  summary: 'commit an intent, beside a plain insert of the same row; alone, and beside four writers of notes',
  run: async (output) => {
    output.progress('starting Postgres');
    const server = await startPrivatePostgres();
    const database = await createDatabaseAt(server.options, { migrate: true });
    try {
      await database.pool.query(CREATE_PLAIN);
      const { rows } = await database.pool.query<{ server_version: string }>('SHOW server_version');
      output.say(`node ${process.versions.node}, Postgres ${rows[0]?.server_version ?? ''}, fsync on`);
      return await measure(database.as('execution'), output);
    } finally {
      await database.close();
      await server.stop();
    }
  },
};

async function measure(address: Parameters<typeof openRecord>[0], output: BenchOutput): Promise<BenchResult> {
  const record = openRecord(address);
  const noting = openRecord(address);
  const plain = openPlainPool(address);
  await record.store.raiseFence(HELD);
  const writers = await prepareWriters(noting.store);
  const calls: Calls = {
    intent: async (n) => await record.store.commitIntent(HELD, orderOf(`intent-${n}`)),
    insert: async (n) => await plain.query(INSERT_PLAIN, plainValues(orderOf(`insert-${n}`))),
    'prepared insert': async (n) => {
      const values = plainValues(orderOf(`prepared-${n}`));
      return await plain.query({ name: 'plain', text: INSERT_PLAIN, values });
    },
  };
  const next = counter();
  output.progress('warming up');
  await sample(calls, WARM_UP, next);
  const alone = await rounds('alone', { calls, samples: SAMPLES, next, output });
  const stop = writers.start();
  const beside = await rounds('beside 4 writers', { calls, samples: SAMPLES_BESIDE, next, output });
  const notes = await stop();
  output.say(`the writers recorded ${notes} notes`);
  await Promise.all([record.close(), noting.close(), plain.end()]);
  return report(alone, beside, output);
}

function report(alone: Rounds, beside: Rounds, { say }: BenchOutput): BenchResult {
  const ratio = ratioOf(alone.intent, alone.insert);
  const ratioBeside = ratioOf(beside.intent, beside.insert);
  const prepared = ratioOf(alone.intent, alone['prepared insert']);
  say(`ratio to an insert, alone: ${ratio.median} (goal ${GOAL}; rounds ${ratio.rounds.join(' ')})`);
  say(`ratio to a prepared insert, alone: ${prepared.median} (rounds ${prepared.rounds.join(' ')})`);
  say(
    `ratio to an insert, both beside 4 writers: ${ratioBeside.median} (goal ${GOAL_BESIDE}; rounds ${ratioBeside.rounds.join(' ')})`,
  );
  return {
    ours: summaryOf(alone.intent.flat()),
    peers: { insert: summaryOf(alone.insert.flat()), preparedInsert: summaryOf(alone['prepared insert'].flat()) },
    ratio: ratio.median,
    ratioToPreparedInsert: prepared.median,
    oursBeside4Writers: summaryOf(beside.intent.flat()),
    insertBeside4Writers: summaryOf(beside.insert.flat()),
    ratioBeside4Writers: ratioBeside.median,
  };
}

interface RoundOptions {
  readonly calls: Calls;
  readonly samples: number;
  readonly next: () => number;
  readonly output: BenchOutput;
}

async function rounds(title: string, { calls, samples, next, output }: RoundOptions): Promise<Rounds> {
  const all: Rounds = { intent: [], insert: [], 'prepared insert': [] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    output.progress(`${title}: round ${round} of ${ROUNDS}`);
    const taken = await sample(calls, samples, next);
    for (const kind of KINDS) all[kind].push(taken[kind]);
  }
  for (const kind of KINDS) output.say(line(`${kind}, ${title}`, summaryOf(all[kind].flat())));
  return all;
}

/** Measures every kind in turn, so that what else the machine does affects all of them. */
async function sample(calls: Calls, samples: number, next: () => number): Promise<Readonly<Record<Kind, number[]>>> {
  const taken: Record<Kind, number[]> = { intent: [], insert: [], 'prepared insert': [] };
  for (let turn = 0; turn < samples; turn += 1) {
    for (const kind of KINDS) {
      const n = next();
      const startMs = performance.now();
      await calls[kind](n);
      taken[kind].push(performance.now() - startMs);
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

function line(title: string, { p50Ms, p99Ms, minMs, maxMs, samples }: Summary): string {
  const figure = (value: number): string => value.toFixed(2).padStart(8);
  return `${title.padEnd(34)} p50${figure(p50Ms)}  p99${figure(p99Ms)}  min${figure(minMs)}  max${figure(maxMs)} ms  n ${samples}`;
}
