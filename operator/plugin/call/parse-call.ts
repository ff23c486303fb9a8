import { parseArgs } from 'node:util';
import type { Call, Command } from './command.ts';
import { COMMON_FLAGS, type Flag } from './flags.ts';
import { nearestCommand, nearestWord } from './nearest-command.ts';

/** What a command line asks for. */
export type Parsed =
  | { readonly kind: 'Run'; readonly command: Command; readonly call: Call }
  | { readonly kind: 'Help'; readonly command: Command | undefined }
  /** `command` is the one whose help says what is allowed; undefined if none was named. */
  | { readonly kind: 'Invalid'; readonly problem: string; readonly command?: Command };

/** Parses a command line without the program's name. Pure. */
export function parseCall(args: readonly string[], commands: readonly Command[]): Parsed {
  const common = tokensOf(args, COMMON_FLAGS);
  const name = common.find(({ kind }) => kind === 'positional')?.value;
  const asksHelp = common.some((token) => token.name === 'help');
  if (name === undefined || name === 'help') return helpOf(args, commands, asksHelp || args.length === 0);
  const command = commands.find((each) => each.name === name);
  if (command === undefined) return { kind: 'Invalid', problem: unknownCommand(name, commands) };
  return asksHelp ? { kind: 'Help', command } : parseFor(command, args);
}

/** `help`, `help status`, `--help`, and a call without a command. */
function helpOf(args: readonly string[], commands: readonly Command[], isWanted: boolean): Parsed {
  const [word, topic] = args;
  if (word === 'help') {
    const command = commands.find(({ name }) => name === topic);
    if (topic === undefined || command !== undefined) return { kind: 'Help', command };
    return { kind: 'Invalid', problem: unknownCommand(topic, commands) };
  }
  if (isWanted) return { kind: 'Help', command: undefined };
  return { kind: 'Invalid', problem: `no command is given; the first one that you may want is "status"` };
}

function unknownCommand(name: string, commands: readonly Command[]): string {
  const names = commands.map((command) => command.name);
  const nearest = nearestCommand(name, names);
  const guess = nearest === undefined ? 'the' : `did you mean "${nearest}"? The`;
  return `"${name}" is not a command; ${guess} commands are ${names.join(', ')}`;
}

function parseFor(command: Command, args: readonly string[]): Parsed {
  const known = [...COMMON_FLAGS, ...command.flags];
  const tokens = tokensOf(args, known);
  const [, argument, ...rest] = tokens.filter(({ kind }) => kind === 'positional').map(({ value }) => value);
  const given = tokens.filter(({ kind }) => kind === 'option');
  const problems = [
    ...given.flatMap((token) => flagProblem(token, known, command) ?? []),
    ...argumentProblems(command, argument, rest),
  ];
  const [problem] = problems;
  if (problem !== undefined) return { kind: 'Invalid', problem, command };
  const flags = new Map<string, string | true>(given.map(({ name = '', value }) => [name, value ?? true]));
  return { kind: 'Run', command, call: { argument, flags } };
}

function argumentProblems(
  { name, argument: wanted }: Command,
  argument: string | undefined,
  rest: readonly (string | undefined)[],
): readonly string[] {
  const surplus = wanted === undefined ? argument : rest[0];
  if (surplus !== undefined) {
    const takes = wanted === undefined ? 'no argument' : `one argument, ${wanted.name}`;
    return [`"${surplus}" is too much: ${name} takes ${takes}`];
  }
  return wanted?.required === true && argument === undefined ? [`${name} needs ${wanted.name}`] : [];
}

interface Token {
  readonly kind: string;
  readonly name?: string;
  /** As it was written, such as `-n`. */
  readonly rawName?: string;
  readonly value?: string | undefined;
}

/** Splits the arguments. Flags that are not known are switches here, and refused later by name. */
function tokensOf(args: readonly string[], flags: readonly Flag[]): readonly Token[] {
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  return parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true }).tokens;
}

function flagProblem(
  { name, rawName = '', value }: Token,
  known: readonly Flag[],
  command: Command,
): string | undefined {
  const flag = known.find((each) => each.name === name);
  if (flag === undefined) return unknownFlag({ name, rawName }, known, command);
  if (flag.value === undefined)
    return value === undefined ? undefined : `${rawName} is "${value}"; it is a switch and takes no value`;
  if (value === undefined || value === '') return `${rawName} has no value; it needs ${flag.value}`;
  if (flag.choices === undefined || flag.choices.includes(value)) return undefined;
  return `${rawName} is "${value}"; it must be ${flag.choices.join(' or ')}`;
}

function unknownFlag(
  { name = '', rawName }: { readonly name: string | undefined; readonly rawName: string },
  known: readonly Flag[],
  command: Command,
): string {
  const names = command.flags.map((each) => `--${each.name}`).join(', ');
  const own = names === '' ? 'has no flags of its own' : `has ${names}`;
  const all = known.map((each) => each.name);
  const nearest = nearestWord(name, all);
  const guess = nearest === undefined ? 'it' : `did you mean --${nearest}? It`;
  return `${rawName} is not a flag of ${command.name}; ${guess} ${own}`;
}
