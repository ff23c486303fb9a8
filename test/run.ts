import { parseArgs } from 'node:util';
import { failureOutput, lastLine, progressLine, startLine, summaryTable } from './runner/report.ts';
import { failedTests, slowestTests } from './runner/reported-tests.ts';
import { exitOnInterrupt } from './runner/run-process.ts';
import { runStage, runStages, type StageEvents, type StageResult } from './runner/run-stage.ts';
import { PAIRED_STAGES, QUICK_STAGES, SINGLE_STAGES, STAGES } from './runner/stages.ts';

// npm test: the checks and the levels without a cluster two at a time, then each other level by itself, its progress
// shown as it comes.

const USAGE = `npm test -- [options]
  --only <step>   run only this step; may be given several times: ${STAGES.map(({ name }) => name).join(' ')}
  --help          show this help
`;

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h', default: false } },
});
const say = (text: string) => void process.stdout.write(`${text}\n`);
const known = new Set(STAGES.map(({ name }) => name));
const unknown = (values.only ?? []).filter((name) => !known.has(name));

if (values.help || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`unknown step: ${unknown.join(', ')}\n`);
  say(USAGE);
  process.exit(values.help ? 0 : 2);
}

exitOnInterrupt();
const chosen = ({ name }: { readonly name: string }) => values.only === undefined || values.only.includes(name);
const events: StageEvents = {
  onStart: ({ name }) => say(startLine(name)),
  onResult: (result) => say(progressLine(result)),
};
const results: StageResult[] = [];
const paired = PAIRED_STAGES.filter(chosen);
// One that runs by itself shows its progress.
const [beside, alone] = paired.length > 1 ? [paired, []] : [[], paired];
for (const stages of [QUICK_STAGES.filter(chosen), beside]) {
  const ended = await runStages(stages, events);
  process.stdout.write(failureOutput(ended));
  results.push(...ended);
}
for (const stage of [...alone, ...SINGLE_STAGES.filter(chosen)]) {
  say(`\n--- ${stage.name} ---`);
  const result = await runStage(stage, (chunk) => process.stdout.write(chunk));
  say(progressLine(result));
  results.push(result);
}
const tests = results.flatMap((result) => result.tests);
const [slowest, failed] = [slowestTests(tests, 10), failedTests(tests)];
if (slowest.length > 0) say(`\nslowest tests\n${slowest.join('\n')}`);
if (failed.length > 0) say(`\nfailed tests\n${failed.join('\n')}`);
say(`\n${summaryTable(results)}\n\n${lastLine(results)}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
