import { describeFailure } from '../cluster/process/step.ts';
import { endRunningCommands } from '../cluster/process/run-command.ts';
import { parseChaosArguments, type ChaosRun } from './chaos-arguments.ts';
import { NAMESPACE, withChaosStack } from './chaos-stack.ts';
import { ALL_FAULTS, DEFAULT_FAULTS, FAULT_GROUPS } from './faults/all-faults.ts';
import { growthOf, type MemorySample } from './memory/memory-growth.ts';
import { withMemorySampled } from './memory/memory-sampler.ts';
import { groupLines, memoryLines, memoryViolations, totalLine, violationLine, type ChaosRecord } from './report.ts';
import { runChaos } from './run-chaos.ts';
import { worldOf } from './world.ts';

// npm run chaos: trades on a cluster while it breaks one part after another, and compares both sides.

const NAMES = ALL_FAULTS.map(({ name }) => name);
const USAGE = `npm run chaos -- [options]

Runs a stack of this checkout in the namespace ${NAMESPACE}, on a tape at 60 times its original speed, on the
cluster of npm start, which it starts if none runs. It injects one fault after another, waits after each until the
stack runs and trades, and compares fills, ledger and positions with the venue's every few minutes and at the end. The
namespace is removed in the end. It also upgrades the operator of the cluster to this checkout, and kills it.

  --minutes N    how long faults are injected (default: 60)
  --every N      seconds from the start of a fault to the start of the next (default: 30)
  --seed N       order and durations of the faults (default: 1)
  --fault NAME   only this fault, or this group of faults; may be repeated (default: all but swap)
  --json         the last line of standard output is one JSON document with the figures
  --help         show this help

Faults, by group:
${Object.entries(FAULT_GROUPS).map(describeGroup).join('\n')}

Exit status: 0 every invariant held, 1 a violation or a failure, 2 wrong call, 130 interrupted.
`;

const request = parseChaosArguments(process.argv.slice(2), NAMES, DEFAULT_FAULTS);
if (request.kind === 'help') process.stdout.write(USAGE);
if (request.kind === 'error') {
  process.stderr.write(`${request.message}\n`);
  process.exitCode = 2;
}
if (request.kind === 'run') await main(request.run);

async function main(run: ChaosRun): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const record: ChaosRecord = { faults: [], violations: [] };
  const samples: MemorySample[] = [];
  const stop = interruptSignal();
  try {
    await withChaosStack(stop, async (stack) => {
      say(`seed ${run.seed}, ${run.minutes} minutes, a fault every ${run.everySeconds} s`);
      await withMemorySampled(stack, samples, async () => await runChaos(worldOf(stack), run, { record, say, stop }));
    });
  } catch (error) {
    if (!stop.aborted) process.stderr.write(`${describeFailure(error)}\n`);
    process.exitCode = 1;
  }
  const memory = growthOf(samples);
  for (const line of [...groupLines(record.faults), ...memoryLines(memory)]) say(line);
  for (const violation of memoryViolations(memory, Date.now())) {
    record.violations.push(violation);
    say(violationLine(violation));
  }
  say(totalLine(record));
  if (run.json) say(JSON.stringify({ seed: run.seed, minutes: run.minutes, ...record, memory }));
  if (record.violations.length > 0) process.exitCode = 1;
  // What waits for the cluster at an interrupt would keep the process running.
  if (stop.aborted) process.exit(130);
}

/** Ends the run at the first ctrl-C, and the process at the second. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write(`\ninterrupted: the namespace ${NAMESPACE} is being removed; ctrl-C again leaves it\n`);
    endRunningCommands('SIGTERM');
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}

function describeGroup([group, what]: [string, string]): string {
  const targets = NAMES.filter((name) => name.startsWith(`${group}-`)).map((name) => name.slice(group.length + 1));
  return `  ${what}\n    ${group}-{${targets.join(',')}}`;
}
