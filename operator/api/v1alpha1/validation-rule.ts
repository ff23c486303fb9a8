/** One entry of `x-kubernetes-validations`: a CEL rule that the API server evaluates at admission. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  /** CEL expression that computes the message; `message` is shown if it fails. */
  readonly messageExpression?: string;
  readonly fieldPath?: string;
}

/** Returns rules as metadata of a zod schema. The CRD generator passes them through. */
export function validated(...rules: readonly ValidationRule[]): Record<string, unknown> {
  return { 'x-kubernetes-validations': rules };
}

/** Metadata of a list that the API server merges, and keeps unique, by one field of its entries. */
export function listKeyedBy(field: string): Record<string, unknown> {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [field] };
}
