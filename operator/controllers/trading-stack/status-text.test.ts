import { expect, it } from 'vitest';
import { shortLine, statusText, steadyMessage } from './status-text.ts';

it('makes one bounded line', () => {
  expect(statusText(' two\n lines ')).toBe('two lines');
  expect(statusText('x'.repeat(500))).toHaveLength(400);
});

it('cuts what does not fit into a table', () => {
  expect(shortLine('short')).toBe('short');
  expect(shortLine('x'.repeat(200))).toHaveLength(140);
});

it('keeps a message in which only figures moved', () => {
  expect(steadyMessage('no data for 900 ms', 'no data for 1900 ms')).toBe('no data for 900 ms');
  expect(steadyMessage('no data for 900 ms', 'disconnected')).toBe('disconnected');
  expect(steadyMessage(undefined, 'first')).toBe('first');
});
