import { expect, it } from 'vitest';
import { splitReference } from './registry.ts';

it.each([
  ['127.0.0.1:5001/tradingstack:abc', { host: '127.0.0.1:5001', name: 'tradingstack', version: 'abc' }],
  ['127.0.0.1:5001/local/redis@sha256:0a', { host: '127.0.0.1:5001', name: 'local/redis', version: 'sha256:0a' }],
  ['registry/a/b:1@sha256:ff', { host: 'registry', name: 'a/b', version: 'sha256:ff' }],
  ['localhost:5001/a', { host: 'localhost:5001', name: 'a', version: 'latest' }],
])('takes %s apart', (reference, parts) => {
  expect(splitReference(reference)).toEqual(parts);
});

it('refuses a name without a registry', () => {
  expect(() => splitReference('redis')).toThrow(RangeError);
});
