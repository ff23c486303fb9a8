import { expect, it } from 'vitest';
import { COMMANDS } from '../command-table.ts';
import { suggest } from './suggest.ts';

const wordsOf = (...words: string[]): readonly string[] | string => {
  const wanted = suggest(words, COMMANDS);
  return wanted.kind === 'Words' ? wanted.words.map(({ word }) => word) : wanted.kind;
};

it.each<[string[], readonly string[] | string]>([
  [['st'], ['status']],
  [['re'], ['resume', 'retry']],
  [['p'], ['plan', 'promote', 'positions']],
  [['plan', '-f', ''], 'Files'],
  [['plan', '--se'], ['--server-side']],
  [['rollback', ''], 'Stacks'],
  [['rollback', '--to', ''], []],
  [['-n', 'trading', 'wh'], ['why']],
  [['status', ''], 'Stacks'],
  [['status', '-n', ''], 'Namespaces'],
  [['status', '-n', 'trading', 'de'], 'Stacks'],
  [['status', '--context', ''], 'Contexts'],
  [['status', '--kubeconfig', ''], 'Files'],
  [
    ['status', '-o', ''],
    ['json', 'yaml'],
  ],
  [['status', 'demo', ''], []],
  [['status', '--w'], ['--watch']],
  [['logs', 'ex'], ['exchange-simulator', 'execution'].toSorted()],
  [['logs', '--stack', ''], 'Stacks'],
  [['completion', 'z'], ['zsh']],
  [['halt', '--reason', ''], []],
])('%j is completed by %j', (words, expected) => {
  expect(wordsOf(...words)).toEqual(expected);
});

it('offers every command at the start, with its summary', () => {
  expect(wordsOf('')).toEqual(COMMANDS.map(({ name }) => name));
  expect(wordsOf()).toEqual(COMMANDS.map(({ name }) => name));
});
