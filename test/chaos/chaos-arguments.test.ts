import { expect, it } from 'vitest';
import { parseChaosArguments } from './chaos-arguments.ts';

const known = ['kill-risk', 'kill-redis', 'freeze-risk', 'cut-redis'];
const standard = { minutes: 60, everySeconds: 30, seed: 1, faults: known, json: false };

it.each<[string[], object]>([
  [[], standard],
  [['--minutes', '5', '--every', '1', '--seed', '0'], { ...standard, minutes: 5, everySeconds: 1, seed: 0 }],
  [['--seed', '4294967295'], { ...standard, seed: 4_294_967_295 }],
  [['--fault', 'cut-redis', '--fault', 'kill'], { ...standard, faults: ['kill-risk', 'kill-redis', 'cut-redis'] }],
  [['--json'], { ...standard, json: true }],
])('reads %j', (args, run) => {
  expect(parseChaosArguments(args, known)).toEqual({ kind: 'run', run });
});

it('takes the usual faults unless others are chosen', () => {
  const faultsOf = (...args: string[]) => {
    const parsed = parseChaosArguments(args, [...known, 'swap-cut-a', 'swap-cut-b', 'swap-halt'], known);
    return parsed.kind === 'run' ? parsed.run.faults : parsed;
  };
  expect(faultsOf()).toEqual(known);
  expect(faultsOf('--fault', 'swap')).toEqual(['swap-cut-a', 'swap-cut-b', 'swap-halt']);
  expect(faultsOf('--fault', 'swap-cut', '--fault', 'freeze')).toEqual(['freeze-risk', 'swap-cut-a', 'swap-cut-b']);
});

it.each([['--help'], ['-h', '--minutes', 'x']])('shows the help for %j', (...args) => {
  expect(parseChaosArguments(args, known)).toEqual({ kind: 'help' });
});

it.each<[string[], RegExp]>([
  [['--minutes', '0'], /^--minutes is "0": must be a whole number from 1 to 10080$/],
  [['--minutes', '10081'], /^--minutes is "10081"/],
  [['--minutes', '1.5'], /^--minutes is "1\.5"/],
  [['--every', ''], /^--every is "": must be a whole number from 1 to 3600$/],
  [['--seed', ' '], /^--seed is " ": must be a whole number from 0 to 4294967295$/],
  [['--fault', 'kil'], /^no fault kil; faults: kill-risk, kill-redis, freeze-risk, cut-redis$/],
  [['--fault', 'kill', '--fault', 'risk'], /^no fault risk/],
  [['--minuets', '5'], /--minuets/],
  [['5'], /'5'/],
])('rejects %j and says what is wrong', (args, message) => {
  expect(parseChaosArguments(args, known)).toEqual({ kind: 'error', message: expect.stringMatching(message) });
});
