/** Entry of `metadata.managedFields`, as far as it is read here. Untrusted. */
export interface ManagedFields {
  readonly manager?: unknown;
  readonly operation?: unknown;
  readonly time?: unknown;
  readonly subresource?: unknown;
  readonly fieldsV1?: unknown;
}

/** Object of JSON. */
export type Node = Readonly<Record<string, unknown>>;

/**
 * Returns the entries that own a field, the API server's record of who set it last; empty if nobody set it, such as a
 * default. `path` names the fields from the root; an item of a list that merges by key is named by the value of a key,
 * such as `containers`, `main`, `image`. Whoever owns a field that is a single value owns everything inside. The record
 * does not distinguish it from a map whose keys have owners of their own: one that owns such a map without a key, which
 * another writer took over, is among them. The writers of `status` are left out.
 */
export function ownersOf(managedFields: unknown, path: readonly string[]): readonly ManagedFields[] {
  return writersOf(managedFields).filter(({ fieldsV1 }) => owns(fieldsV1, path, true));
}

/** Returns the entries that name a field themselves. */
export function settersOf(managedFields: unknown, path: readonly string[]): readonly ManagedFields[] {
  return writersOf(managedFields).filter(({ fieldsV1 }) => owns(fieldsV1, path, false));
}

/** Returns the entries whose managers set more than the status. */
export function writersOf(managedFields: unknown): readonly ManagedFields[] {
  if (!Array.isArray(managedFields)) return [];
  return (managedFields as readonly unknown[]).filter(isNode).filter(({ subresource }) => subresource !== 'status');
}

function owns(fields: unknown, path: readonly string[], inWhole: boolean): boolean {
  let node = fields;
  for (const [depth, name] of path.entries()) {
    if (!isNode(node)) return false;
    // An atomic map or list: one owner for all of it. The root is none.
    if (inWhole && depth > 0 && Object.keys(node).length === 0) return true;
    node = node[`f:${name}`] ?? itemNamed(node, name);
  }
  return node !== undefined;
}

function itemNamed(node: Node, name: string): unknown {
  const key = Object.keys(node).find((each) =>
    Object.values(keysOf(each) ?? {}).some((value) => String(value) === name),
  );
  return key === undefined ? undefined : node[key];
}

/** Returns the keys of a list item from its name in `fieldsV1`, such as `k:{"name":"main"}`. */
export function keysOf(name: string): Node | undefined {
  if (!name.startsWith('k:')) return undefined;
  try {
    const keys = JSON.parse(name.slice(2)) as unknown;
    return isNode(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
