import { DOMAIN } from '../../../../api/v1alpha1/labels.ts';

/** Reason that a person gives for spec.flatten. It counts only while its owner also owns the field. */
export const FLATTEN_REASON_ANNOTATION = `${DOMAIN}/flatten-reason`;
