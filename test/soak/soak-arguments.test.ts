import { expect, test } from 'vitest';
import { parseSoakArguments } from './soak-arguments.ts';

const ALL = ['lost-replies', 'whole-stack', 'swap'];
const parse = (line: string) => parseSoakArguments(line.split(' ').filter(Boolean), 2);

test('without options it runs the seeds of the ordinary run of all models, one job for each core', () => {
  expect(parse('')).toEqual({ kind: 'run', models: ALL, seeds: 300, from: 24, jobs: 2 });
});

test('takes the number of seeds, the first seed and the number of jobs', () => {
  expect(parse('--seeds 10000 --from 5000000 --jobs 1')).toEqual({
    kind: 'run',
    models: ALL,
    seeds: 10_000,
    from: 5_000_000,
    jobs: 1,
  });
  expect(parse('--from 0')).toMatchObject({ from: 0 });
});

test('takes the model', () => {
  expect(parse('--model whole-stack --seeds 5')).toMatchObject({ kind: 'run', models: ['whole-stack'], seeds: 5 });
});

test.each([
  ['--model other', /--model must be one of lost-replies, whole-stack, swap/],
  ['--seeds 0', /--seeds must be/],
  ['--seeds 1.5', /--seeds must be/],
  ['--seeds many', /--seeds must be/],
  ['--from=-1', /--from must be/],
  ['--jobs 0', /--jobs must be/],
  ['--seeds 2 --from 2147483647', /seeds must be less than 2147483648/],
  ['--speed 2', /--speed/],
  ['300', /300/],
])('refuses %s', (line, message) => {
  expect(parse(line)).toEqual({ kind: 'error', message: expect.stringMatching(message) });
});

test('accepts the largest seed that the generator of random numbers distinguishes', () => {
  expect(parse('--seeds 1 --from 2147483647')).toMatchObject({ kind: 'run' });
});

test('shows the help', () => {
  expect(parse('--help')).toEqual({ kind: 'help' });
  expect(parse('-h --seeds 0')).toEqual({ kind: 'help' });
});
