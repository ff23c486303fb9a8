import { SERVICE_LABEL } from '../../../api/v1alpha1/labels.ts';
import { PLAN_NAMES_MAX, type PlanStep } from '../../../api/v1alpha1/trading-stack/status.ts';
import { contentHash } from '../../../releases/content-hash.ts';
import type { ChildObject } from '../../../resources/child-object.ts';
import type { ObservedChild } from '../observe/observation.ts';

/** One object that is not as a release wants it. */
export interface ObjectChange {
  readonly kind: 'create' | 'change' | 'remove';
  /** `Kind/name`. */
  readonly object: string;
  /** Empty if the object belongs to no service. */
  readonly service: string;
}

/** What is written now, so that it is no step any more. */
export interface Writes {
  readonly objects: readonly ChildObject[];
  readonly deletions: readonly ObservedChild[];
}

/** Returns the wanted objects that are missing or were last applied in another form, without those written now. */
export function missingOrOther(
  wanted: readonly ChildObject[],
  children: readonly ObservedChild[],
  writes: Writes,
): readonly ObjectChange[] {
  const written = new Set(writes.objects.map(nameOf));
  const present = new Map(children.map((child) => [`${child.kind}/${child.name}`, child]));
  // Both colours of the sender may have the same settings.
  const once = new Map(wanted.map((object) => [nameOf(object), object]));
  return [...once].flatMap(([name, object]): readonly ObjectChange[] => {
    if (written.has(name)) return [];
    const child = present.get(name);
    if (child !== undefined && isApplied(object, child)) return [];
    const service = object.metadata?.labels?.[SERVICE_LABEL] ?? '';
    return [{ kind: child === undefined ? 'create' : 'change', object: name, service }];
  });
}

/** Returns the removal of objects, without those that are deleted now. */
export function removals(leftOver: readonly ObservedChild[], writes: Writes): readonly ObjectChange[] {
  const deleted = new Set(writes.deletions.map(({ uid }) => uid));
  return leftOver
    .filter(({ uid }) => !deleted.has(uid))
    .map(({ kind, name, service }) => ({ kind: 'remove', object: `${kind}/${name}`, service }));
}

/** Lists changes by name, as far as a step has room. */
export function listed(changes: readonly ObjectChange[]): Pick<PlanStep, 'create' | 'change' | 'remove' | 'unlisted'> {
  const lists = (['create', 'change', 'remove'] as const).map((kind) => {
    const names = changes.filter((each) => each.kind === kind).map(({ object }) => object);
    return [kind, names.slice(0, PLAN_NAMES_MAX)] as const;
  });
  const count = lists.reduce((sum, [, names]) => sum + names.length, 0);
  return {
    ...Object.fromEntries(lists.filter(([, names]) => names.length > 0)),
    ...(count < changes.length ? { unlisted: changes.length - count } : {}),
  };
}

/** The annotation has more digits of the same hash. */
function isApplied(object: ChildObject, { applied }: ObservedChild): boolean {
  return applied.startsWith(contentHash(object));
}

function nameOf({ kind, metadata }: ChildObject): string {
  return `${kind}/${metadata?.name}`;
}
