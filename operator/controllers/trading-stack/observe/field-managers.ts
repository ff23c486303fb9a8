import { settersOf } from '../../../kube/apply/managed-fields.ts';

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
  return settersOf(managedFields, path).flatMap(({ manager: name, time }) =>
    typeof name === 'string' ? [{ name, atMs: millisecondsOf(time) }] : [],
  );
}

function millisecondsOf(time: unknown): number | undefined {
  const atMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
