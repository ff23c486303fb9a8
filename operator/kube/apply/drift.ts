import { isSameQuantity } from './quantity.ts';

/**
 * Finds the first field of `desired` that `observed` does not have as wanted, as a path for people, or undefined when
 * there is none. Fields that `desired` does not name are other writers' (server defaults among them) and never count.
 */
export function findDrift(desired: unknown, observed: unknown): string | undefined {
  return compare(desired, observed, { path: '', field: '', parent: '' });
}

interface Place {
  readonly path: string;
  readonly field: string;
  readonly parent: string;
}

function within({ path, field }: Place, child: string): Place {
  return { path: path === '' ? child : `${path}.${child}`, field: child, parent: field };
}

/**
 * Lists that the API merges by key (`listType=map` in its schema), where another manager may add entries of its own.
 * Every other list is one value: an entry more or less is a difference.
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

/** Sets of plain values that others add to. */
const SETS = new Set(['finalizers']);

/** Maps that are one value: a label more in a selector selects something else. */
const WHOLE_MAPS = new Set(['podSelector', 'namespaceSelector', 'selector', 'matchLabels', 'nodeSelector']);

/** Where leaves are quantities, which the server stores in their shortest spelling. */
const QUANTITY_PARENTS = new Set(['limits', 'requests', 'hard', 'capacity', 'default', 'defaultRequest', 'max', 'min']);
const QUANTITY_FIELDS = new Set(['sizeLimit', 'divisor']);

/**
 * Non-pointer fields (`omitempty` in k8s.io/api): the server leaves them out at their zero value. Other zero values, such as
 * `automountServiceAccountToken: false`, differ from absence and must be there.
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

function compare(desired: unknown, observed: unknown, place: Place): string | undefined {
  if (desired === undefined || desired === null) return undefined;
  if (Array.isArray(desired)) return compareList(desired, observed ?? [], place);
  if (desired instanceof Date) return compare(desired.toISOString(), observed, place);
  if (typeof desired === 'object') return compareMap(desired as Fields, observed ?? {}, place);
  return isSameLeaf(desired as Leaf, observed, place) ? undefined : place.path;
}

type Fields = Readonly<Record<string, unknown>>;
type Leaf = string | number | boolean;

function compareMap(desired: Fields, observed: unknown, place: Place): string | undefined {
  if (!isMap(observed) || (WHOLE_MAPS.has(place.field) && hasMore(observed, desired))) return place.path;
  for (const [key, value] of Object.entries(desired)) {
    const isWriteOnly = key === 'stringData' && place.path === '';
    const drift = isWriteOnly
      ? compare(encoded(value as Fields), observed['data'], within(place, 'data'))
      : compare(value, observed[key], within(place, key));
    if (drift !== undefined) return drift;
  }
  return undefined;
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasMore(observed: Fields, desired: Fields): boolean {
  return Object.keys(observed).some((key) => desired[key] === undefined);
}

/** `stringData` of a Secret is write-only; the server shows it as base64 under `data`. */
function encoded(stringData: Fields): Fields {
  return Object.fromEntries(
    Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]),
  );
}

function compareList(desired: readonly unknown[], observed: unknown, place: Place): string | undefined {
  if (!Array.isArray(observed)) return place.path;
  if (SETS.has(place.field)) return desired.every((entry) => observed.includes(entry)) ? undefined : place.path;
  const mergeKey = MERGE_KEYS[place.field];
  if (mergeKey === undefined && desired.length !== observed.length) return place.path;
  return desired
    .entries()
    .map(([index, entry]) => compareEntry([index, entry], { observed, mergeKey, place }))
    .find((drift) => drift !== undefined);
}

interface ListPlace {
  readonly observed: readonly unknown[];
  readonly mergeKey: string | undefined;
  readonly place: Place;
}

function compareEntry([index, entry]: readonly [number, unknown], list: ListPlace): string | undefined {
  const { observed, mergeKey, place } = list;
  const key = keyIn(entry, mergeKey);
  const match = key === undefined ? observed[index] : observed.find((other) => keyIn(other, mergeKey) === key);
  const inside = within(place, key ?? String(index));
  // An entry that is missing altogether differs even where each of its fields could be left out.
  return match === undefined ? inside.path : compare(entry, match, inside);
}

function keyIn(entry: unknown, mergeKey: string | undefined): string | undefined {
  const value = mergeKey !== undefined && isMap(entry) ? entry[mergeKey] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isSameLeaf(desired: Leaf, observed: unknown, place: Place): boolean {
  if (desired === observed) return true;
  if (observed === undefined) return OMITTED_AT_ZERO.has(place.field) && !desired;
  const isQuantity = QUANTITY_FIELDS.has(place.field) || QUANTITY_PARENTS.has(place.parent);
  return isQuantity && isAmount(desired) && isAmount(observed) && isSameQuantity(desired, observed);
}

function isAmount(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
