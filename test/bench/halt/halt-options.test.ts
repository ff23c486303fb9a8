import { expect, it } from 'vitest';
import { runOf } from './halt-options.ts';

const KNOWN = ['redis-down', 'silent-pods'];

it('measures every obstacle by default, and the given ones otherwise', () => {
  expect(runOf({}, KNOWN)).toEqual({ halts: 50, instruments: [1, 5, 20], obstacles: KNOWN });
  const given = { n: '2', instruments: '3', obstacle: ['silent-pods'] };
  expect(runOf(given, KNOWN)).toEqual({ halts: 2, instruments: [3], obstacles: ['silent-pods'] });
  expect(runOf({ obstacle: ['none'] }, KNOWN).obstacles).toEqual([]);
});

it.each([
  [{ n: '0' }, /^--n is "0"/],
  [{ n: 'many' }, /^--n is "many"/],
  [{ instruments: '1,31' }, /^--instruments is "31".*30/],
  [{ obstacle: ['rain'] }, /^no obstacle rain; obstacles: none, redis-down, silent-pods$/],
])('rejects %j and says what is wrong', (values, message) => {
  expect(() => runOf(values, KNOWN)).toThrow(message);
});
