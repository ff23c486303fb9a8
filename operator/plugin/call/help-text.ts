import type { Argument, Command } from './command.ts';
import { COMMON_FLAGS, type Flag } from './flags.ts';

export const PROGRAM = 'kubectl tradingstack';

const EXIT_CODES = `Exit codes: 0 as wanted; 1 not as wanted (blocked, not confirmed or not sold in time, still restricted; of
plan, a change); 2 wrong call; 3 your rights do not allow it; 4 no such stack, service or database; 5 no answer, or
one that is not understood.`;

/** Help of the program: its commands. */
export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return [
    'See and stop a trading stack. It uses your kubeconfig and your rights, and nothing else.',
    `\nUsage: ${PROGRAM} COMMAND [STACK] [flags]`,
    'A namespace has one stack, so its name may be left out.',
    `\nCommands:\n${rows.join('\n')}`,
    `\nFlags of every command:\n${flagRows(COMMON_FLAGS)}`,
    `\n${EXIT_CODES}`,
    `\n"${PROGRAM} COMMAND --help" has the flags and examples of a command.`,
  ].join('\n');
}

/** Help of one command. */
export function commandHelp({ name, description, argument, flags, examples }: Command): string {
  const usage = [name, placeholderOf(argument), '[flags]'].filter((part) => part !== '').join(' ');
  return [
    description,
    `\nUsage: ${PROGRAM} ${usage}`,
    ...(flags.length === 0 ? [] : [`\nFlags:\n${flagRows(flags)}`]),
    `\nFlags of every command:\n${flagRows(COMMON_FLAGS)}`,
    `\nExamples:\n${examples.map((example) => `  ${PROGRAM} ${example}`).join('\n')}`,
    `\n${EXIT_CODES}`,
  ].join('\n');
}

function placeholderOf(argument: Argument | undefined): string {
  if (argument === undefined) return '';
  return argument.required === true ? argument.name : `[${argument.name}]`;
}

function flagRows(flags: readonly Flag[]): string {
  const rows = flags.map(({ name, short, value, help }) => {
    const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
    return [short === undefined ? `    ${long}` : `-${short}, ${long}`, help] as const;
  });
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return rows.map(([flag, help]) => `  ${flag.padEnd(width)}${help}`).join('\n');
}
