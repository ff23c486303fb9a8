import { parseArgs } from 'node:util';
import { readProject } from './architecture/project.ts';
import { sizesOf } from './architecture/sizes.ts';
import { failureOutput, lastLine, progressLine, sizesLine, startLine } from './runner/report.ts';
import { exitOnInterrupt } from './runner/run-process.ts';
import { runStages } from './runner/run-stage.ts';
import { QUICK_STAGES } from './runner/stages.ts';

// npm run check: everything that needs no server, two steps at a time, in under two minutes.

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (text: string) => void (values.json || process.stdout.write(`${text}\n`));

exitOnInterrupt();
const started = performance.now();
const results = await runStages(QUICK_STAGES, {
  onStart: ({ name }) => say(startLine(name)),
  onResult: (result) => say(progressLine(result)),
});
const seconds = (performance.now() - started) / 1000;
const allOk = results.every((result) => result.ok);
const sizes = sizesOf(readProject());

say(failureOutput(results));
say(sizesLine(sizes));
say(`${lastLine(results)} in ${seconds.toFixed(1)} s`);
if (values.json) {
  const steps = results.map(({ name, ok, seconds, passed, failed, output }) => ({
    name,
    ok,
    seconds,
    passed,
    failed,
    ...(ok ? {} : { output }),
  }));
  process.stdout.write(`${JSON.stringify({ ok: allOk, seconds, steps, sizes })}\n`);
}
process.exit(allOk ? 0 : 1);
