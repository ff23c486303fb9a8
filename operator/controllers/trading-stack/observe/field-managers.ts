/** Entry of `metadata.managedFields`, as far as it is read here. */
interface ManagedFields {
  readonly manager?: unknown;
  readonly time?: unknown;
  readonly subresource?: unknown;
  readonly fieldsV1?: unknown;
}

/** Owner of a field. */
export interface FieldManager {
  readonly name: string;
  /**
   * UTC milliseconds, in whole seconds, at which the manager last changed a field that it owns; undefined if not
   * recorded. It set this field then or before.
   */
  readonly atMs: number | undefined;
}

/**
 * Returns the field managers that own a field of an object, from its `metadata.managedFields`: the API server's record
 * of who set the field last, even if another client sets it at every sync. `path` names the fields from the root. Empty
 * if nobody set the field, such as a default.
 */
export function managersOf(managedFields: unknown, path: readonly string[]): readonly FieldManager[] {
  if (!Array.isArray(managedFields)) return [];
  return (managedFields as readonly ManagedFields[])
    .filter(({ fieldsV1, subresource }) => (subresource ?? '') === '' && holds(fieldsV1, path))
    .flatMap(({ manager: name, time }) => (typeof name === 'string' ? [{ name, atMs: millisecondsOf(time) }] : []));
}

function millisecondsOf(time: unknown): number | undefined {
  const atMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** `fieldsV1` nests one object per field, under `f:<name>`. */
function holds(fields: unknown, path: readonly string[]): boolean {
  let node = fields;
  for (const name of path) {
    if (typeof node !== 'object' || node === null) return false;
    node = (node as Record<string, unknown>)[`f:${name}`];
  }
  return node !== undefined;
}
