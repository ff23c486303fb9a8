import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfig } from './config.ts';
import { runProgram } from './program.ts';

process.exitCode = await runProgram(process.argv.slice(2), {
  readConfig,
  clock: systemClock,
  print: (line) => process.stdout.write(`${line}\n`),
  printProblem: (line) => process.stderr.write(`${line}\n`),
});
