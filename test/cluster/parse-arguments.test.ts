import { expect, it } from 'vitest';
import { exitCode } from './cluster-error.ts';
import { parseCli } from './parse-arguments.ts';

it('reads a command with its options', () => {
  const args = parseCli(['purge', '--keep-binaries', '--cluster', 'embedded', '--json']);
  expect(args).toMatchObject({
    command: 'purge',
    keepBinaries: true,
    cluster: 'embedded',
    json: true,
    help: false,
    rest: [],
  });
  expect(parseCli(['logs', 'kubelet', '-f'])).toMatchObject({ command: 'logs', rest: ['kubelet'], follow: true });
});

it('passes on all arguments after skaffold unchanged', () => {
  const { command, rest, cluster } = parseCli([
    '--cluster',
    'embedded',
    'skaffold',
    'dev',
    '--cluster',
    'x',
    '-f',
    'other.yaml',
  ]);
  expect({ command, rest, cluster }).toEqual({
    command: 'skaffold',
    rest: ['dev', '--cluster', 'x', '-f', 'other.yaml'],
    cluster: 'embedded',
  });
});

it('shows help without a command', () => {
  expect(parseCli(['--help']).help).toBe(true);
});

it.each([[[]], [['start']], [['up', '--fast']], [['logs', '--context', 'prod']]])(
  'refuses %j as a wrong call',
  (words) => {
    let code = 0;
    try {
      parseCli(words);
    } catch (error) {
      code = exitCode(error);
    }
    expect(code).toBe(2);
  },
);
