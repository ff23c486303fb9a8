import { expect, it } from 'vitest';
import type { Caches } from '../../caches/stack-caches.ts';
import { createOwnSecrets } from './own-secrets.ts';

const NAMESPACE = 'trading';

/** Secrets of the namespace, which a test may change. */
function reader() {
  const stored = new Map<string, Readonly<Record<string, string>>>();
  const get = (_namespace: string, name: string): object | undefined => {
    const values = stored.get(name);
    const data = Object.entries(values ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    return values === undefined ? undefined : { data: Object.fromEntries(data) };
  };
  let made = 0;
  const own = createOwnSecrets({ secrets: { get } } as unknown as Pick<Caches, 'secrets'>, () => `new-${(made += 1)}`);
  return { stored, own };
}

it('returns the stored values, and new ones for Secrets that do not exist yet', () => {
  const { stored, own } = reader();
  stored.set('tradingstack-control', { token: 'stored' });
  expect(own.read(NAMESPACE)).toEqual({
    controlToken: 'stored',
    paperKeys: { apiKey: 'new-1', secretKey: 'new-2' },
  });
});

it('keeps the token of a Secret that somebody deletes, because the running processes hold it', () => {
  const { stored, own } = reader();
  stored.set('tradingstack-control', { token: 'stored' });
  own.read(NAMESPACE);
  stored.clear();
  expect(own.read(NAMESPACE).controlToken).toBe('stored');
  stored.set('tradingstack-control', { token: '' });
  expect(own.read(NAMESPACE).controlToken).toBe('stored');
  stored.set('tradingstack-control', { token: 'by hand' });
  expect(own.read(NAMESPACE).controlToken).toBe('by hand');
});

it('makes a new value once, and forgets it with the stack', () => {
  const { own } = reader();
  const first = own.read(NAMESPACE);
  expect(own.read(NAMESPACE)).toEqual(first);
  own.forget(NAMESPACE);
  expect(own.read(NAMESPACE).controlToken).not.toBe(first.controlToken);
});
