/** One field that differs. A side that does not have the field has no value. */
export interface FieldChange {
  /** Such as `spec.template.spec.containers[ws].image`; items of a list are named where they have a name. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

type Node = Readonly<Record<string, unknown>>;

/** Members by which the items of a list are distinguished. */
const KEYS = ['name', 'symbol', 'mountPath', 'key'] as const;

/** Returns the fields in which two JSON values differ, each at its deepest path. */
export function fieldChanges(before: unknown, after: unknown, path = ''): readonly FieldChange[] {
  if (isNode(before) && isNode(after))
    return changesOfMaps(before, after, (key) => (path === '' ? key : `${path}.${key}`));
  const [one, other] = [itemsOf(before), itemsOf(after)];
  if (one !== undefined && other !== undefined) return changesOfMaps(one, other, (key) => `${path}[${key}]`);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function changesOfMaps(before: Node, after: Node, pathOf: (key: string) => string): readonly FieldChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => fieldChanges(before[key], after[key], pathOf(key)));
}

/** The items of a list by their names; undefined for a list of values, which counts as one value. */
function itemsOf(value: unknown): Node | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  const key = KEYS.find((each) => items.every((item) => isNode(item) && typeof item[each] === 'string'));
  if (key === undefined) return undefined;
  const named = new Map(items.map((item) => [String((item as Node)[key]), item]));
  return named.size === items.length ? Object.fromEntries(named) : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
