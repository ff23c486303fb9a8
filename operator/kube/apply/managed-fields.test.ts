import { describe, expect, it } from 'vitest';
import { ownersOf } from './managed-fields.ts';

const entry = (manager: string, fieldsV1: unknown, subresource?: string): object => ({
  manager,
  fieldsV1,
  ...(subresource === undefined ? {} : { subresource }),
});
const POD = ['spec', 'template', 'spec'];
const inPod = (fields: object): object => ({ 'f:spec': { 'f:template': { 'f:spec': fields } } });

describe('finds the owner of', () => {
  it.each<[string, object, readonly string[]]>([
    ['a field', { 'f:spec': { 'f:replicas': {} } }, ['spec', 'replicas']],
    [
      'a field of a list item',
      inPod({ 'f:containers': { 'k:{"name":"ws"}': { 'f:image': {} } } }),
      [...POD, 'containers', 'ws', 'image'],
    ],
    ['a field inside an atomic list', { 'f:spec': { 'f:ingress': {} } }, ['spec', 'ingress', '0', 'ports']],
  ])('%s', (_what, fields, path) => {
    const owners = ownersOf([entry('other', { 'f:metadata': { 'f:labels': {} } }), entry('rival', fields)], path);
    expect(owners).toMatchObject([{ manager: 'rival' }]);
  });

  it('a field that was set through a subresource, but not the writer of the status', () => {
    const fields = { 'f:spec': { 'f:replicas': {} } };
    const owners = ownersOf([entry('hpa', fields, 'scale'), entry('x', fields, 'status')], ['spec', 'replicas']);
    expect(owners).toMatchObject([{ manager: 'hpa' }]);
  });
});

it.each([
  undefined,
  null,
  'text',
  [{}],
  [7],
  [entry('x', null)],
  [entry('x', {})],
  [entry('x', { 'f:spec': null })],
  [entry('x', { 'f:spec': { 'k:what': {} } })],
])('finds no owner in %j', (fields) => {
  expect(ownersOf(fields, ['spec', 'replicas'])).toEqual([]);
});
