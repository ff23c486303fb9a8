import { expect, it } from 'vitest';
import { managersOf } from './field-managers.ts';

const entry = (manager: string, fieldsV1: object, subresource?: string): object => ({
  manager,
  operation: 'Update',
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
  expect(managersOf(fields, ['spec', 'halt'])).toEqual(['kubectl-patch', 'helm']);
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
  expect(managersOf(fields, ['metadata', 'annotations', name])).toEqual(['kubectl-annotate']);
});
