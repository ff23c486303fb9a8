import { expect, it } from 'vitest';
import { KubeError } from '../../kube/client/kube-error.ts';
import { refusalOf } from './refused-fields.ts';

const file = { spec: { mode: 'Foo', risk: { maxOrderNotional: 'abc' }, strategies: [{ name: 'x', symbols: [] }] } };

it.each<[string, { readonly field: string; readonly message: string }, string, string]>([
  [
    'an enum',
    { field: 'spec.mode', message: 'Unsupported value: "Foo": supported values: "Paper", "Live"' },
    '"Foo"',
    'supported values: "Paper", "Live"',
  ],
  [
    'a pattern',
    {
      field: 'spec.risk.maxOrderNotional',
      message: 'Invalid value: "abc": spec.risk.maxOrderNotional in body should match \'^a:b$\'',
    },
    '"abc"',
    "spec.risk.maxOrderNotional in body should match '^a:b$'",
  ],
  [
    'a rule',
    { field: 'spec.strategies[0]', message: 'Invalid value: "object": must name a symbol' },
    '{"name":"x","symbols":[]}',
    'must name a symbol',
  ],
  ['a missing field', { field: 'spec.release', message: 'Required value' }, 'not set', 'Required value'],
])('names field, value and remedy of %s', (_what, cause, value, remedy) => {
  const nil = { field: '<nil>', message: 'Invalid value: null: some validation rules were not checked' };
  const { code, message } = refusalOf(new KubeError('Invalid', 'is invalid', { causes: [cause, nil] }), 'demo', file);
  expect(code).toBe('Usage');
  expect(message.split('\n')).toEqual([
    'the API server refuses demo, and so would kubectl apply:',
    `  field   ${cause.field}`,
    `  value   ${value}`,
    `  remedy  ${remedy}`,
  ]);
});

it('names fields that the API server does not know, and otherwise repeats what it says', () => {
  const unknown = new KubeError(
    'BadRequest',
    'strict decoding error: unknown field "spec.mode", unknown field "spec.y"',
  );
  expect(refusalOf(unknown, 'demo', file).message.match(/field {3}\S+/g)).toEqual([
    'field   spec.mode',
    'field   spec.y',
  ]);
  expect(refusalOf(new KubeError('Invalid', 'no reason\u001B[31m'), 'demo', file).message).toContain(
    '  no reason [31m',
  );
});
