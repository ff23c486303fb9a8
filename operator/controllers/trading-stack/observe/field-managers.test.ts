import { expect, it } from 'vitest';
import { managersOf } from './field-managers.ts';

const TIME = '2026-01-01T12:00:00Z';
const entry = (manager: string, fieldsV1: object, subresource?: string): object => ({
  manager,
  operation: 'Update',
  time: TIME,
  fieldsV1,
  ...(subresource === undefined ? {} : { subresource }),
});
const HALT = { 'f:spec': { 'f:halt': {} } };

it('names every manager that owns the field, and no other', () => {
  const fields = [
    entry('argocd-controller', { 'f:spec': { 'f:mode': {} } }),
    entry('kubectl-patch', HALT),
    entry('helm', { 'f:spec': { '.': {}, 'f:halt': {}, 'f:mode': {} } }),
  ];
  expect(managersOf(fields, ['spec', 'halt'])).toEqual([
    { name: 'kubectl-patch', atMs: Date.parse(TIME) },
    { name: 'helm', atMs: Date.parse(TIME) },
  ]);
});

it.each([undefined, null, 7, 'yesterday'])('has no time of an entry whose time is %j', (time) => {
  const [manager] = managersOf([{ ...entry('kubectl-patch', HALT), time }], ['spec', 'halt']);
  expect(manager).toEqual({ name: 'kubectl-patch', atMs: undefined });
});

it('ignores managers of the status', () => {
  expect(managersOf([entry('x', HALT, 'status')], ['spec', 'halt'])).toEqual([]);
});

it.each([undefined, null, 'text', [{}], [{ manager: 7, fieldsV1: HALT }], [entry('x', { 'f:spec': null })]])(
  'returns nobody for %j',
  (fields) => {
    expect(managersOf(fields, ['spec', 'halt'])).toEqual([]);
  },
);

it('finds an annotation, whose name contains a slash', () => {
  const name = 'tradingstack.dev/trading-state';
  const fields = [entry('kubectl-annotate', { 'f:metadata': { 'f:annotations': { [`f:${name}`]: {} } } })];
  expect(managersOf(fields, ['metadata', 'annotations', name])).toMatchObject([{ name: 'kubectl-annotate' }]);
});

it('does not name one that owns the map of the annotations only, because another writer took the key over', () => {
  const name = 'tradingstack.dev/trading-state';
  const fields = [
    entry('kubectl-annotate', { 'f:metadata': { 'f:annotations': {} } }),
    entry('kubectl-tradingstack', { 'f:metadata': { 'f:annotations': { [`f:${name}`]: {} } } }),
  ];
  expect(managersOf(fields, ['metadata', 'annotations', name]).map((one) => one.name)).toEqual([
    'kubectl-tradingstack',
  ]);
});
