import { expect, it } from 'vitest';
import { FLATTEN_REASON_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import { flattenReasonOf } from './flatten-reason.ts';

const FIELD = { 'f:spec': { 'f:flatten': {} } };
const REASON = { 'f:metadata': { 'f:annotations': { [`f:${FLATTEN_REASON_ANNOTATION}`]: {} } } };
const by = (manager: string, fieldsV1: object) => ({ manager, operation: 'Update', fieldsV1 });
const PLUGIN = 'kubectl-tradingstack';

it.each<[string, readonly object[], string]>([
  ['set both', [by(PLUGIN, { ...FIELD, ...REASON })], 'flash crash (by ada)'],
  ['set both, beside a tool', [by('argocd', FIELD), by(PLUGIN, { ...FIELD, ...REASON })], 'flash crash (by ada)'],
  ['set the field long after the reason', [by('kubectl-patch', FIELD), by(PLUGIN, REASON)], ''],
  ['set the field with a manifest', [by('argocd', FIELD)], ''],
])('the reason of a sale is that of the annotation where somebody %s', (_who, managedFields, reason) => {
  const annotations = { [FLATTEN_REASON_ANNOTATION]: 'flash crash (by ada)' };
  expect(flattenReasonOf({ annotations, managedFields })).toBe(reason);
});

it('a sale has no reason without the annotation', () => {
  expect(flattenReasonOf({ managedFields: [by(PLUGIN, FIELD)] })).toBe('');
});
