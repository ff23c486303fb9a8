import { describe, expect, it } from 'vitest';
import { findDrift } from './drift.ts';

describe('reports no drift for', () => {
  it.each([
    ['fields that are not desired', { a: 1 }, { a: 1, b: 2 }],
    ['an undefined desired field', { a: undefined, b: 1 }, { b: 1 }],
    ['an empty map or list that the server omits', { a: {}, b: [] }, {}],
    ['an equal quantity in another notation', { limits: { cpu: '0.1' } }, { limits: { cpu: '100m' } }],
    ['zero values that the server omits', { hostNetwork: false, readOnly: false }, {}],
    [
      'an additional container',
      { containers: [{ name: 'a' }] },
      { containers: [{ name: 'sidecar' }, { name: 'a', x: 1 }] },
    ],
    ['an additional finalizer', { finalizers: ['a'] }, { finalizers: ['b', 'a'] }],
    ['stringData that is stored as data', { stringData: { a: 'x' } }, { data: { a: 'eA==' } }],
    ['a date and its text form', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ])('%s', (_name, desired, observed) => {
    expect(findDrift(desired, observed)).toBeUndefined();
  });
});

describe('reports drift for', () => {
  it.each([
    ['a changed leaf', { spec: { replicas: 1 } }, { spec: { replicas: 2 } }, 'spec.replicas'],
    ['a missing map', { spec: { a: 1 } }, {}, 'spec.a'],
    ['text instead of a number', { a: 1 }, { a: '1' }, 'a'],
    ['text that only looks like a quantity', { env: { a: '1000m' } }, { env: { a: '1' } }, 'env.a'],
    ['a missing container', { containers: [{ name: 'a' }] }, { containers: [{ name: 'b' }] }, 'containers.a'],
    ['an additional argument', { args: ['a'] }, { args: ['a', 'b'] }, 'args'],
    ['an additional rule in a policy', { ingress: [] }, { ingress: [{}] }, 'ingress'],
    ['an additional port in a policy', { ports: [{ port: 1 }] }, { ports: [{ port: 1 }, { port: 2 }] }, 'ports'],
    [
      'a narrower selector',
      { podSelector: {} },
      { podSelector: { matchLabels: { a: 'b' } } },
      'podSelector.matchLabels',
    ],
    [
      'a selector that is added to a peer of a policy',
      { from: [{ podSelector: {} }] },
      { from: [{ podSelector: {}, namespaceSelector: {} }] },
      'from.0.namespaceSelector',
    ],
    [
      'a label of a selector that has the name and the value of a default',
      { podSelector: { matchLabels: { a: 'b' } } },
      { podSelector: { matchLabels: { a: 'b', protocol: 'TCP' } } },
      'podSelector.matchLabels.protocol',
    ],
    ['a wider range of ports', { ports: [{ port: 1 }] }, { ports: [{ port: 1, endPort: 9 }] }, 'ports.0.endPort'],
    [
      'a missing false that differs from absence',
      { automountServiceAccountToken: false },
      {},
      'automountServiceAccountToken',
    ],
    ['a changed secret value', { stringData: { a: 'x' } }, { data: { a: 'eQ==' } }, 'data.a'],
    ['a list instead of a map', { a: { b: 1 } }, { a: [1] }, 'a'],
    ['a map instead of a list', { a: [1] }, { a: { 0: 1 } }, 'a'],
  ])('%s', (_name, desired, observed, path) => {
    expect(findDrift(desired, observed)?.join('.')).toBe(path);
  });
});
