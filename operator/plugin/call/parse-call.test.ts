import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../command-table.ts';
import { commandHelp, programHelp } from './help-text.ts';
import { parseCall } from './parse-call.ts';

describe('a command line', () => {
  it.each<[string[], string, string | undefined, object]>([
    [['status'], 'status', undefined, {}],
    [['status', 'demo', '-n', 'trading'], 'status', 'demo', { namespace: 'trading' }],
    [['-n', 'trading', 'status', 'demo'], 'status', 'demo', { namespace: 'trading' }],
    [['status', '-w', '-o', 'json'], 'status', undefined, { watch: true, output: 'json' }],
    [['status', '--output=yaml', '--context=c'], 'status', undefined, { output: 'yaml', context: 'c' }],
    [['halt', '--reason', 'flash crash', '--no-wait'], 'halt', undefined, { reason: 'flash crash', 'no-wait': true }],
    [['halt', '--reason', 'status'], 'halt', undefined, { reason: 'status' }],
    [['logs', 'risk', '-f', '--tail', '5'], 'logs', 'risk', { follow: true, tail: '5' }],
  ])('%j runs a command with its argument and flags', (args, name, argument, flags) => {
    const parsed = parseCall(args, COMMANDS);
    if (parsed.kind !== 'Run') throw new Error(JSON.stringify(parsed));
    expect([parsed.command.name, parsed.call.argument, Object.fromEntries(parsed.call.flags)]).toEqual([
      name,
      argument,
      flags,
    ]);
  });

  it.each<[string[], string]>([
    [['staus'], '"staus" is not a command; did you mean "status"? The commands are status, why, halt'],
    [['status', '--quiet'], '--quiet is not a flag of status; it has --output, --watch'],
    [['status', '--wach'], '--wach is not a flag of status; did you mean --watch? It has --output, --watch'],
    [['flatten', '--cancle'], 'did you mean --cancel? It has'],
    [['flatten', '--namspace', 'x'], 'did you mean --namespace? It has'],
    [['status', 'demo', 'other'], '"other" is too much: status takes one argument, STACK'],
    [['status', '-n'], '-n has no value; it needs NAME'],
    [['status', '--namespace='], '--namespace has no value'],
    [['status', '-o', 'xml'], '-o is "xml"; it must be json or yaml'],
    [['status', '--watch=yes'], '--watch is "yes"; it is a switch and takes no value'],
    [['completion'], 'completion needs SHELL'],
    [['help', 'nothing'], '"nothing" is not a command'],
    [['-n', 'trading'], 'no command is given'],
  ])('%j is refused, and says what is wrong and what is allowed', (args, problem) => {
    expect(parseCall(args, COMMANDS)).toMatchObject({ kind: 'Invalid', problem: expect.stringContaining(problem) });
  });

  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j asks for the list of commands', (args) => {
    expect(parseCall(args, COMMANDS)).toEqual({ kind: 'Help', command: undefined });
  });

  it.each([[['halt', '--help']], [['help', 'halt']], [['halt', 'demo', '-h', '--bad']]])(
    '%j asks for the help of halt',
    (args) => {
      expect(parseCall(args, COMMANDS)).toMatchObject({ kind: 'Help', command: { name: 'halt' } });
    },
  );
});

describe('the help', () => {
  it('of the program lists every command within 120 columns', () => {
    const text = programHelp(COMMANDS);
    for (const { name, summary } of COMMANDS)
      expect(text).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'));
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'of %s has usage, examples that parse, and exit codes',
    (name, command) => {
      const text = commandHelp(command);
      expect(text).toContain(`Usage: kubectl tradingstack ${name}`);
      expect(text).toContain('Exit codes: 0');
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const example of command.examples) {
        // What a shell would make of it, without pipes and redirections.
        const words = (example.split(/ [|>]/)[0] ?? '').match(/'[^']*'|\S+/g) ?? [];
        const args = words.map((word) => word.replaceAll("'", ''));
        expect(parseCall(args, COMMANDS)).toMatchObject({ kind: 'Run', command: { name } });
      }
    },
  );
});
