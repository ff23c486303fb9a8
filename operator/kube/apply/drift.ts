import { isSameQuantity } from './quantity.ts';
import { isServerDefault } from './server-defaults.ts';

/**
 * Returns the path of the first field in which `observed` differs from `desired`, or undefined if there is none. An
 * item of a list is named by its merge key or its index. Fields that `desired` does not set belong to other writers
 * (such as server defaults) and are ignored, except inside of a value that has one owner: there only defaults are.
 */
export function findDrift(desired: unknown, observed: unknown): readonly string[] | undefined {
  return compare(desired, observed, { path: [], field: '', parent: '', isOneValue: false });
}

type Path = readonly string[];

interface FieldPosition {
  readonly path: Path;
  readonly field: string;
  readonly parent: string;
  /** Whether it has one owner with everything inside. */
  readonly isOneValue: boolean;
}

function within({ path, field, isOneValue }: FieldPosition, child: string): FieldPosition {
  return { path: [...path, child], field: child, parent: field, isOneValue: isOneValue || WHOLE_MAPS.has(child) };
}

/**
 * Lists that the API merges by key (`listType=map` in its schema), to which other managers may add entries.
 * Every other list is a single value, so an additional or missing entry is drift, and so is a field that is added to an
 * entry: a peer of a NetworkPolicy with one more selector lets others in. Lists with two merge keys, such as the ports
 * of a container, are compared in the same way.
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  env: 'name',
  imagePullSecrets: 'name',
  volumeMounts: 'mountPath',
  ownerReferences: 'uid',
};

/** Sets of scalar values to which other managers may add. */
const SETS = new Set(['finalizers']);

/** Maps that are a single value: an additional label in a selector changes what it selects. */
const WHOLE_MAPS = new Set(['podSelector', 'namespaceSelector', 'selector', 'matchLabels', 'nodeSelector']);

/** Maps and fields whose leaves are quantities, which the server stores in canonical form. */
const QUANTITY_PARENTS = new Set(['limits', 'requests', 'hard', 'capacity', 'default', 'defaultRequest', 'max', 'min']);
const QUANTITY_FIELDS = new Set(['sizeLimit', 'divisor']);

/**
 * Non-pointer fields (`omitempty` in k8s.io/api), which the server omits at their zero value. For other fields, such as
 * `automountServiceAccountToken: false`, the zero value differs from absence and must be present.
 */
const OMITTED_AT_ZERO = new Set([
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'paused',
  'readOnly',
  'stdin',
  'stdinOnce',
  'tty',
  'publishNotReadyAddresses',
  'minReadySeconds',
  'initialDelaySeconds',
  'value',
]);

function compare(desired: unknown, observed: unknown, position: FieldPosition): Path | undefined {
  if (desired === undefined || desired === null) return undefined;
  if (Array.isArray(desired)) return compareList(desired, observed ?? [], position);
  if (desired instanceof Date) return compare(desired.toISOString(), observed, position);
  if (typeof desired === 'object') return compareMap(desired as Fields, observed ?? {}, position);
  return isSameLeaf(desired as Leaf, observed, position) ? undefined : position.path;
}

type Fields = Readonly<Record<string, unknown>>;
type Leaf = string | number | boolean;

function compareMap(desired: Fields, observed: unknown, position: FieldPosition): Path | undefined {
  if (!isMap(observed)) return position.path;
  const added = position.isOneValue ? addedTo(desired, observed, position) : undefined;
  if (added !== undefined) return added;
  for (const [key, value] of Object.entries(desired)) {
    const isWriteOnly = key === 'stringData' && position.path.length === 0;
    const drift = isWriteOnly
      ? compare(encoded(value as Fields), observed['data'], within(position, 'data'))
      : compare(value, observed[key], within(position, key));
    if (drift !== undefined) return drift;
  }
  return undefined;
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function addedTo(desired: Fields, observed: Fields, position: FieldPosition): Path | undefined {
  return Object.entries(observed)
    .filter(([key]) => desired[key] === undefined)
    .map(([key, value]) => ({ path: within(position, key).path, value }))
    .find(({ path, value }) => !isServerDefault(path, value))?.path;
}

/** `stringData` of a Secret is write-only; the server returns it base64-encoded under `data`. */
function encoded(stringData: Fields): Fields {
  return Object.fromEntries(
    Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]),
  );
}

function compareList(desired: readonly unknown[], observed: unknown, position: FieldPosition): Path | undefined {
  if (!Array.isArray(observed)) return position.path;
  if (SETS.has(position.field)) return desired.every((entry) => observed.includes(entry)) ? undefined : position.path;
  const mergeKey = position.isOneValue ? undefined : MERGE_KEYS[position.field];
  if (mergeKey === undefined && desired.length !== observed.length) return position.path;
  return desired
    .entries()
    .map(([index, entry]) => compareEntry([index, entry], { observed, mergeKey, position }))
    .find((drift) => drift !== undefined);
}

interface ListPosition {
  readonly observed: readonly unknown[];
  readonly mergeKey: string | undefined;
  readonly position: FieldPosition;
}

function compareEntry([index, entry]: readonly [number, unknown], list: ListPosition): Path | undefined {
  const { observed, mergeKey, position } = list;
  const key = keyIn(entry, mergeKey);
  const match = key === undefined ? observed[index] : observed.find((other) => keyIn(other, mergeKey) === key);
  const inside = { ...within(position, key ?? String(index)), isOneValue: position.isOneValue || key === undefined };
  // A missing entry is drift even if the server could omit each of its fields.
  return match === undefined ? inside.path : compare(entry, match, inside);
}

function keyIn(entry: unknown, mergeKey: string | undefined): string | undefined {
  const value = mergeKey !== undefined && isMap(entry) ? entry[mergeKey] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isSameLeaf(desired: Leaf, observed: unknown, position: FieldPosition): boolean {
  if (desired === observed) return true;
  if (observed === undefined) return OMITTED_AT_ZERO.has(position.field) && !desired;
  const isQuantity = QUANTITY_FIELDS.has(position.field) || QUANTITY_PARENTS.has(position.parent);
  return isQuantity && isAmount(desired) && isAmount(observed) && isSameQuantity(desired, observed);
}

function isAmount(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
