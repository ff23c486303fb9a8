import { isNode, keysOf, writersOf, type Node } from './managed-fields.ts';
import { isServerDefault } from './server-defaults.ts';

/** A field that another manager has added. */
export interface AddedField {
  /** Path of JSON Patch (RFC 6902), to remove it. */
  readonly pointer: string;
  readonly path: readonly string[];
  readonly manager: string;
}

interface Place {
  readonly path: readonly string[];
  readonly pointer: readonly string[];
  readonly desired: unknown;
  readonly observed: unknown;
  readonly manager: string;
  readonly except: readonly string[];
}

/** Fields to which other managers may add nothing. */
export interface Exclusive {
  readonly path: readonly string[];
  /** Fields that others may add all the same, as JSON Pointers (RFC 6901). */
  readonly except: readonly string[];
}

/**
 * Returns the fields that another manager than `own` set where it may add nothing, and that `desired` does not have.
 * Defaults of the server are not among them: they belong to nobody, or to whoever created the object by another request
 * than an apply. Later items of a list come first, so that all can be removed in this order.
 */
export function addedFields(
  { desired, observed, own }: { readonly desired: unknown; readonly observed: object; readonly own: string },
  { path: root, except }: Exclusive,
): readonly AddedField[] {
  const { metadata } = observed as { readonly metadata?: { readonly managedFields?: unknown } };
  const found = new Map<string, AddedField>();
  for (const { manager, fieldsV1 } of writersOf(metadata?.managedFields)) {
    if (typeof manager !== 'string' || manager === own) continue;
    const place = {
      path: root,
      pointer: root,
      desired: fieldAt(desired, root),
      observed: fieldAt(observed, root),
      manager,
      except,
    };
    for (const field of addedIn(nodeAt(fieldsV1, root), place)) found.set(field.pointer, field);
  }
  return [...found.values()].sort(byPointerDescending);
}

/** Returns the field at a path of maps; undefined if it is missing. */
export function fieldAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (isNode(node) ? node[name] : undefined), value);
}

function nodeAt(fields: unknown, path: readonly string[]): unknown {
  return fieldAt(
    fields,
    path.map((name) => `f:${name}`),
  );
}

function addedIn(fields: unknown, place: Place): readonly AddedField[] {
  if (!isNode(fields)) return [];
  return Object.entries(fields).flatMap(([name, inside]) => {
    const child = childOf(name, place);
    // The record may be older than the object.
    if (child === undefined || child.observed === undefined) return [];
    const pointer = toPointer(child.pointer);
    if (place.except.includes(pointer)) return [];
    const holdsException = place.except.some((each) => each.startsWith(`${pointer}/`));
    if (child.desired !== undefined || holdsException) return addedIn(inside, child);
    const isDefault = isServerDefault(child.path, child.observed);
    return isDefault ? [] : [{ pointer, path: child.path, manager: child.manager }];
  });
}

function childOf(name: string, place: Place): Place | undefined {
  if (name.startsWith('f:')) {
    const field = name.slice(2);
    return {
      ...place,
      path: [...place.path, field],
      pointer: [...place.pointer, field],
      desired: fieldAt(place.desired, [field]),
      observed: fieldAt(place.observed, [field]),
    };
  }
  const keys = keysOf(name);
  return keys === undefined ? undefined : itemOf(keys, place);
}

function itemOf(keys: Node, place: Place): Place | undefined {
  if (!Array.isArray(place.observed)) return undefined;
  const observed = place.observed as readonly unknown[];
  const index = observed.findIndex((item) => hasKeys(item, keys));
  const desired = Array.isArray(place.desired) ? (place.desired as readonly unknown[]) : [];
  return {
    ...place,
    path: [...place.path, String(Object.values(keys)[0])],
    pointer: [...place.pointer, String(index)],
    desired: desired.find((item) => hasKeys(item, keys)),
    observed: observed[index],
  };
}

/** A key that an item leaves out has its default, such as the protocol of a port. */
function hasKeys(item: unknown, keys: Node): boolean {
  return isNode(item) && Object.entries(keys).every(([key, value]) => item[key] === undefined || item[key] === value);
}

function toPointer(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const NUMERIC = new Intl.Collator('en', { numeric: true });

function byPointerDescending(a: AddedField, b: AddedField): number {
  return NUMERIC.compare(b.pointer, a.pointer);
}
