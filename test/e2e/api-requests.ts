/** Requests counted by the API server in its own `/metrics`: one row per verb, group, resource and subresource. */
export interface RequestCount {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly count: number;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION']);

/** Parses the rows of `apiserver_request_total` and sums them over codes and content types. */
export function parseRequestCounts(metrics: string): readonly RequestCount[] {
  const sums = new Map<string, RequestCount>();
  for (const line of metrics.split('\n')) {
    const match = /^apiserver_request_total\{(.*)\} (\S+)$/.exec(line);
    if (match?.[1] === undefined) continue;
    const labels = new Map(
      [...match[1].matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    const row = {
      verb: labels.get('verb') ?? '',
      group: labels.get('group') ?? '',
      resource: labels.get('resource') ?? '',
      subresource: labels.get('subresource') ?? '',
      count: Number(match[2]),
    };
    const key = keyOf(row);
    sums.set(key, { ...row, count: row.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}

/** Returns the requests between two readings, most frequent first, without rows that counted none. */
export function requestsBetween(
  before: readonly RequestCount[],
  after: readonly RequestCount[],
): readonly RequestCount[] {
  const earlier = new Map(before.map((row) => [keyOf(row), row.count]));
  return after
    .map((row) => ({ ...row, count: row.count - (earlier.get(keyOf(row)) ?? 0) }))
    .filter((row) => row.count > 0)
    .toSorted((a, b) => b.count - a.count);
}

/**
 * Leases, and the kubelet's report on its node every few minutes: the operator and the services have no rights to
 * nodes.
 */
const NOT_OURS = new Set(['leases', 'nodes']);

/**
 * Returns the requests without leases and watches. It also excludes what Kubernetes itself requests now and then (the
 * kubelet's report on its node, the renewal of pod tokens) and requests that name no resource (health and metrics,
 * which include this measurement).
 */
export function besidesLeasesAndWatches(rows: readonly RequestCount[]): readonly RequestCount[] {
  return rows.filter(
    ({ resource, subresource, verb }) =>
      resource !== '' && !NOT_OURS.has(resource) && subresource !== 'token' && verb !== 'WATCH',
  );
}

export function writesOf(rows: readonly RequestCount[]): readonly RequestCount[] {
  return rows.filter((row) => WRITES.has(row.verb));
}

function keyOf(row: RequestCount): string {
  return [row.verb, row.group, row.resource, row.subresource].join(' ');
}
