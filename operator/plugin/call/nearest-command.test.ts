import { expect, it } from 'vitest';
import { COMMANDS } from '../command-table.ts';
import { nearestCommand } from './nearest-command.ts';

const names = COMMANDS.map(({ name }) => name);

it.each([
  ['flattn', 'flatten'],
  ['sell', 'flatten'],
  ['cancel', 'flatten'],
  ['Stop', 'halt'],
  ['staus', 'status'],
  ['hlat', 'halt'],
  ['y', undefined],
  ['kubectl', undefined],
  ['constructor', undefined],
])('%s is taken for %s', (word, command) => {
  expect(nearestCommand(word, names)).toBe(command);
});
