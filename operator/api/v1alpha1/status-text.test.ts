import { expect, it } from 'vitest';
import { shortLine, statusText, steadyMessage } from './status-text.ts';

it('returns one bounded line', () => {
  expect(statusText(' two\n lines ')).toBe('two lines');
  expect(statusText('x'.repeat(500))).toBe(`${'x'.repeat(399)}…`);
});

it('truncates a line for a table', () => {
  expect(shortLine('short')).toBe('short');
  const line = `execution/SenderActive execution: ActivationRefused - ${'x'.repeat(200)}`;
  expect(shortLine(line)).toBe(`${line.slice(0, 139)}…`);
});

it('does not split a character, which the server would store differently and each reconcile rewrite', () => {
  expect(shortLine(`${'x'.repeat(138)}🚀${'x'.repeat(20)}`)).toBe(`${'x'.repeat(138)}…`);
  expect(statusText('a lone \uD83D half')).toBe('a lone \uFFFD half');
});

it('keeps a message in which only numbers changed', () => {
  expect(steadyMessage('no data for 900 ms', 'no data for 1900 ms')).toBe('no data for 900 ms');
  expect(steadyMessage('no data for 900 ms', 'disconnected')).toBe('disconnected');
  expect(steadyMessage(undefined, 'first')).toBe('first');
});

it.each([
  ['exit code 1, restarts: 3', 'exit code 1, restarts: 4'],
  ['exit code 1, restarts: 3', 'exit code 137, restarts: 3'],
  ['the window opens at 10:00', 'the window opens at 11:00'],
])('takes the newer message, in which a number is no age: %s', (before, now) => {
  expect(steadyMessage(before, now)).toBe(now);
});
