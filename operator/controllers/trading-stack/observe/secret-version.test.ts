import { expect, it } from 'vitest';
import { secretVersion } from './secret-version.ts';

it('depends on the content and the key, but not on the order', () => {
  const version = secretVersion({ a: '1', b: '2' }, 'key');
  expect(secretVersion({ b: '2', a: '1' }, 'key')).toBe(version);
  expect(secretVersion({ a: '1', b: '3' }, 'key')).not.toBe(version);
  expect(secretVersion({ a: '1', b: '2' }, 'other')).not.toBe(version);
});
