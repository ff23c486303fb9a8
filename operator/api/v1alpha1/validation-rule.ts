/** One entry of `x-kubernetes-validations`: CEL that the API server evaluates at admission. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  /** CEL that makes the message; `message` is what is shown if it fails. */
  readonly messageExpression?: string;
  readonly fieldPath?: string;
}

/** Rules as metadata of a zod schema: the CRD generator passes them through. */
export function validated(...rules: readonly ValidationRule[]): Record<string, unknown> {
  return { 'x-kubernetes-validations': rules };
}

/** A list that the API server merges, and keeps unique, by one field of its entries. */
export function listKeyedBy(field: string): Record<string, unknown> {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [field] };
}
