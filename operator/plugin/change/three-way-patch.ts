type Node = Readonly<Record<string, unknown>>;

/**
 * Returns the JSON merge patch (RFC 7386) that `kubectl apply` sends: it sets what the file has, and removes what the
 * last applied file had and this one has not. What others set stays. Lists are values. Pure.
 */
export function threeWayPatch(lastApplied: unknown, file: Node): Node {
  const earlier = isNode(lastApplied) ? lastApplied : {};
  const removed = Object.keys(earlier).filter((key) => earlier[key] !== undefined && (file[key] ?? null) === null);
  const set = Object.entries(file).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(removed.map((key) => [key, null])),
    ...Object.fromEntries(set.map(([key, value]) => [key, isNode(value) ? threeWayPatch(earlier[key], value) : value])),
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
