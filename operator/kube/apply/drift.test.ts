import { describe, expect, it } from 'vitest';
import { findDrift } from './drift.ts';

describe('no drift', () => {
  it.each([
    ['fields that nobody asked for', { a: 1 }, { a: 1, b: 2 }],
    ['an undefined wish', { a: undefined, b: 1 }, { b: 1 }],
    ['an empty map or list that the server leaves out', { a: {}, b: [] }, {}],
    ['a quantity in another spelling', { limits: { cpu: '0.1' } }, { limits: { cpu: '100m' } }],
    ['zero values that are left out', { hostNetwork: false, readOnly: false }, {}],
    ['another container', { containers: [{ name: 'a' }] }, { containers: [{ name: 'sidecar' }, { name: 'a', x: 1 }] }],
    ['another finalizer', { finalizers: ['a'] }, { finalizers: ['b', 'a'] }],
    ['a written secret', { stringData: { a: 'x' } }, { data: { a: 'eA==' } }],
    ['a date and its text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ])('%s', (_name, desired, observed) => {
    expect(findDrift(desired, observed)).toBeUndefined();
  });
});

describe('drift', () => {
  it.each([
    ['a changed leaf', { spec: { replicas: 1 } }, { spec: { replicas: 2 } }, 'spec.replicas'],
    ['a missing map', { spec: { a: 1 } }, {}, 'spec.a'],
    ['text where a number was', { a: 1 }, { a: '1' }, 'a'],
    ['a quantity elsewhere is text', { env: { a: '1000m' } }, { env: { a: '1' } }, 'env.a'],
    ['a missing container', { containers: [{ name: 'a' }] }, { containers: [{ name: 'b' }] }, 'containers.a'],
    ['a longer command', { args: ['a'] }, { args: ['a', 'b'] }, 'args'],
    ['one rule more in a policy', { ingress: [] }, { ingress: [{}] }, 'ingress'],
    ['a port more in a policy', { ports: [{ port: 1 }] }, { ports: [{ port: 1 }, { port: 2 }] }, 'ports'],
    ['a narrower selector', { podSelector: {} }, { podSelector: { matchLabels: { a: 'b' } } }, 'podSelector'],
    ['false that means more than absence', { automountServiceAccountToken: false }, {}, 'automountServiceAccountToken'],
    ['a changed secret', { stringData: { a: 'x' } }, { data: { a: 'eQ==' } }, 'data.a'],
    ['a list for a map', { a: { b: 1 } }, { a: [1] }, 'a'],
    ['a map for a list', { a: [1] }, { a: { 0: 1 } }, 'a'],
  ])('%s', (_name, desired, observed, path) => {
    expect(findDrift(desired, observed)).toBe(path);
  });
});
