/** Requests that the API server counted, one row per verb, resource and group; from its own `/metrics`. */
export interface RequestCount {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly count: number;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION']);

/** The rows of `apiserver_request_total`, summed over codes and content types. */
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

/** What was counted between two readings, rows without a request left out. */
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

/** The kubelet's report on its node every few minutes: nothing of ours has a right to nodes. */
const NOT_OURS = new Set(['leases', 'nodes']);

/**
 * Requests beside leases and watches; also beside what Kubernetes asks for itself now and then (the kubelet's word on
 * its node, the renewal of pods' tokens) and those that name no resource (health, metrics: the measuring itself).
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
