import { UsageError, type Bench, type BenchOutput, type BenchResult, type BenchValues } from './bench.ts';
import { parseBenchArguments } from './bench-arguments.ts';
import { jsonOf } from './json-of.ts';
import { haltBench } from './halt/halt-bench.ts';
import { historyBench } from './history/history-bench.ts';
import { intentBench } from './intent/intent-bench.ts';
import { reconcileBench } from './reconcile/reconcile-bench.ts';
import { replayBench } from './replay/replay-bench.ts';
import { riskBench } from './risk/risk-bench.ts';
import { drainBench } from './streams/drain-bench.ts';
import { hopBench } from './streams/hop-bench.ts';
import { swapBench } from './swap/swap-bench.ts';
import { takeoverBench } from './takeover/takeover-bench.ts';

// npm run bench -- <name>...: measures on this machine, beside a reference in the same run. Nothing here is a test.

const BENCHES: Readonly<Record<string, Bench>> = {
  drain: drainBench,
  halt: haltBench,
  history: historyBench,
  hop: hopBench,
  intent: intentBench,
  reconcile: reconcileBench,
  replay: replayBench,
  risk: riskBench,
  swap: swapBench,
  takeover: takeoverBench,
};

const USAGE = `npm run bench -- <name>... [options]

Several benches run one after the other.

${Object.entries(BENCHES).flatMap(linesOf).join('\n')}

  --json     the last line of standard output is one JSON document with the figures; of several benches, each of its
             parts (ours, peers, ratio) has theirs by the name of the bench
  --help     show this help
`;

const request = parseBenchArguments(process.argv.slice(2), BENCHES);
if (request.kind === 'help') process.stdout.write(USAGE);
if (request.kind === 'error') fail(request.message);
if (request.kind === 'run') {
  try {
    const output = {
      progress: (text: string) => void process.stderr.write(`${text}\n`),
      say: (text: string) => void process.stdout.write(`${text}\n`),
    };
    const results = await resultsOf(request.names, request.values, output);
    if (request.json) process.stdout.write(`${JSON.stringify(jsonOf(results))}\n`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    fail(error.message);
  }
}

async function resultsOf(
  names: readonly string[],
  values: BenchValues,
  output: BenchOutput,
): Promise<readonly (readonly [string, BenchResult])[]> {
  const results: [string, BenchResult][] = [];
  for (const name of names) {
    const bench = BENCHES[name];
    if (bench === undefined) continue;
    if (names.length > 1) output.say(`${name}: ${bench.summary}`);
    results.push([name, await bench.run(output, values)]);
  }
  return results;
}

function linesOf([name, { summary, help = [] }]: [string, Bench]): readonly string[] {
  return [`  ${name.padEnd(10)} ${summary}`, ...help.map((line) => `${' '.repeat(13)}${line}`)];
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
}
