import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

const DEFAULTS = { state: 'Halted', reason: 'no reason given', author: undefined, timeoutMs: 60_000 };

describe('the command line', () => {
  it.each([
    [[], {}],
    [['--state', 'Reducing'], { state: 'Reducing' }],
    [['--state=halted'], { state: 'Halted' }],
    [['--state', 'active'], { state: 'Active' }],
    [['--resume'], { state: 'Active' }],
    [
      ['--reason', 'flash crash', '--author', 'ada', '--timeout', '5'],
      { reason: 'flash crash', author: 'ada', timeoutMs: 5_000 },
    ],
  ])('%j asks for %j', (args, given) => {
    expect(parseArguments(args)).toEqual({ kind: 'Run', given: { ...DEFAULTS, ...given } });
  });

  it('with --help asks for nothing else', () => {
    expect(parseArguments(['--help', '--state', 'Reducing'])).toEqual({ kind: 'Help' });
  });

  it.each([
    [['--state', 'Paused'], '--state is Paused; it must be one of Active, Reducing, Flattening, Halted'],
    [['--state', ''], '--state is ;'],
    [['--state'], 'state'],
    [['--resume', '--state', 'Halted'], 'either --state or --resume'],
    [['Halted'], 'Halted'],
    [['--dry-run'], '--dry-run'],
    [['--timeout', '0'], '1 to 3600 seconds'],
    [['--timeout', '3601'], '1 to 3600 seconds'],
    [['--timeout', '1e3'], '1 to 3600 seconds'],
    [['--timeout=-5'], '1 to 3600 seconds'],
    [['--reason', 'x'.repeat(301)], '1 to 300 characters'],
    [['--reason', ''], '1 to 300 characters'],
    [['--author', ''], '1 to 200 characters'],
    [['--author', 'x'.repeat(201)], '1 to 200 characters'],
  ])('%j is refused, and says what is wrong', (args, problem) => {
    const parsed = parseArguments(args);
    expect(parsed).toEqual({ kind: 'Invalid', problem: expect.stringContaining(problem) });
  });
});
