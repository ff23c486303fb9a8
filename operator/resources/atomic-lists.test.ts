import { describe, expect, it } from 'vitest';
import { renderedStacks, type RenderedChild } from '../../test/fixtures/children/rendered-children.ts';
import { findDrift } from '../kube/apply/drift.ts';

/** Lists to which others may add: their items have owners of their own. */
const MERGED = new Set(['containers', 'env', 'volumes', 'volumeMounts', 'ownerReferences']);

type Path = readonly string[];

/** Returns the paths of all maps that are inside of an item of a list with one owner. */
function mapsInItems(value: unknown, path: Path = [], inItem = false): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const isItem = Array.isArray(value) && !MERGED.has(path.at(-1) ?? '');
  const inside = Object.entries(value).flatMap(([key, each]) => mapsInItems(each, [...path, key], inItem || isItem));
  return inItem && !Array.isArray(value) ? [path, ...inside] : inside;
}

/** Returns a copy of an object with one more field, as another writer would add it. */
function withAdded(object: object, path: Path): object {
  const copy = structuredClone(object);
  const map = path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], copy);
  Object.assign(map as object, { added: {} });
  return copy;
}

const nameOf = ({ kind, metadata }: RenderedChild): string => `${kind}/${metadata?.name}`;

describe.each(renderedStacks())('a field that another writer adds to an item of a list in %s', (_what, objects) => {
  const places = objects.flatMap((object) =>
    mapsInItems(object).map((path) => [`${nameOf(object)} ${path.join('.')}`, object, path] as const),
  );

  it('can be added to objects of these kinds', () => {
    const kinds = new Set(places.map(([, { kind }]) => kind));
    expect([...kinds].toSorted()).toEqual(['Deployment', 'Job', 'NetworkPolicy', 'Service']);
  });

  it('is drift, wherever it is', () => {
    const unseen = places.filter(([, object, path]) => findDrift(object, withAdded(object, path)) === undefined);
    expect(unseen.map(([place]) => place)).toEqual([]);
  });

  it('is named by its path', () => {
    for (const [place, object, path] of places)
      expect([place, findDrift(object, withAdded(object, path))?.at(-1)]).toEqual([place, 'added']);
  });
});

it('does not count what the API server completes an item with', () => {
  const desired = { ports: [{ port: 80, targetPort: 80 }] };
  expect(findDrift(desired, { ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }] })).toBeUndefined();
  expect(findDrift(desired, { ports: [{ port: 80, targetPort: 80, protocol: 'UDP' }] })).toEqual([
    'ports',
    '0',
    'protocol',
  ]);
});
