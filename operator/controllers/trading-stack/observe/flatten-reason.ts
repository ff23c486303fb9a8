import { FLATTEN_REASON_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import { managersOf } from './field-managers.ts';

interface Annotated {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: unknown;
}

/**
 * Returns the reason that the annotation gives for spec.flatten; empty if none. It counts only while somebody who set
 * the field set it too: one that is left of the sale of another manager must not explain this one.
 */
export function flattenReasonOf({ annotations = {}, managedFields }: Annotated): string {
  const authors = managersOf(managedFields, ['metadata', 'annotations', FLATTEN_REASON_ANNOTATION]);
  const owners = new Set(managersOf(managedFields, ['spec', 'flatten']).map(({ name }) => name));
  return authors.some(({ name }) => owners.has(name)) ? (annotations[FLATTEN_REASON_ANNOTATION] ?? '') : '';
}
