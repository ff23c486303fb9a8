import { availableParallelism } from 'node:os';
import type { SeedOutcome } from '../simulation/models/seed-outcome.ts';
import { MODELS } from '../simulation/models/models.ts';
import type { ModelName } from '../simulation/models/model-names.ts';
import { coverageGaps } from './coverage.ts';
import { runSeeds } from './run-seeds.ts';
import { parseSoakArguments, type SoakOptions } from './soak-arguments.ts';
import { countLine, progressLine, summaryLines, violationLines } from './soak-report.ts';

// npm run soak: the simulation of the order path with many seeds, judged by the invariants.

const USAGE = `npm run soak -- [options]

Runs a simulation of the order path with faults and changes of the sender, once for each seed. The same seed gives the
same run on any machine.

  --model <name>  lost-replies: the network and the sender fail. whole-stack: everything fails, on two symbols.
                  swap: senders are swapped, at orders from elsewhere. Default: one after the other
  --seeds <n>     number of seeds of each model; default: 300
  --from <first>  first seed; default: 24
  --jobs <n>      seeds at a time; default: one for each core
  --help          show this help

Progress goes to standard error. Violations are printed as they occur, a line "model: N seeds, N violations" ends each
model, and the last line is "N seeds, N violations" of all. From 100 seeds on, each fault, order state and kind of stop must occur in at least 1 % of them,
and at most 1 % of the seeds of whole-stack may have three orders or fewer.
Exit codes: 0 no violation; 1 a violation, or a fault, an order state or a kind of stop that hardly occurs, or too many
seeds with few orders; 2 wrong usage; 130 interrupted, after the count of what was done.
`;
const PROGRESS_MS = 1_000;

const request = parseSoakArguments(process.argv.slice(2), availableParallelism());
const say = (lines: readonly string[]) => void process.stdout.write(lines.map((line) => `${line}\n`).join(''));
if (request.kind === 'help') process.stdout.write(USAGE);
if (request.kind === 'error') {
  process.stderr.write(`${request.message}\n`);
  process.exitCode = 2;
}
if (request.kind === 'run') process.exitCode = await soak(request);

/** Runs the models one after the other. */
async function soak({ models, ...options }: SoakOptions): Promise<number> {
  const outcomes: SeedOutcome[] = [];
  const interrupt = (): void => {
    say(['interrupted', countLine(outcomes)]);
    process.exit(130);
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  let hasFailed = false;
  for (const model of models) {
    const run = await soakModel(model, options, (outcome) => void outcomes.push(outcome));
    const gaps = coverageGaps(run, MODELS[model].expected);
    say(summaryLines(run, gaps).map((line) => `${model}: ${line}`));
    hasFailed ||= gaps.length > 0 || run.some(({ violations }) => violations.length > 0);
  }
  say([countLine(outcomes)]);
  return hasFailed ? 1 : 0;
}

/** Runs the seeds of one model, and returns their outcomes. */
async function soakModel(
  model: ModelName,
  options: Omit<SoakOptions, 'models'>,
  onOutcome: (outcome: SeedOutcome) => void,
): Promise<readonly SeedOutcome[]> {
  const outcomes: SeedOutcome[] = [];
  let failing = 0;
  const started = performance.now();
  const progress = setInterval(() => {
    const seconds = (performance.now() - started) / 1_000;
    process.stderr.write(`${model}: ${progressLine(outcomes.length, options.seeds, failing, seconds)}\n`);
  }, PROGRESS_MS);
  await runSeeds({
    ...options,
    model,
    onOutcome: (outcome) => {
      outcomes.push(outcome);
      onOutcome(outcome);
      failing += outcome.violations.length > 0 ? 1 : 0;
      say(violationLines(outcome).map((line) => `${model}: ${line}`));
    },
  });
  clearInterval(progress);
  return outcomes;
}
