import { expect, test } from 'vitest';
import { besidesLeasesAndWatches, parseRequestCounts, requestsBetween, writesOf } from './api-requests.ts';

const line = (verb: string, resource: string, count: number, subresource = ''): string =>
  `apiserver_request_total{code="200",component="apiserver",group="",resource="${resource}",subresource="${subresource}",verb="${verb}"} ${count}`;

test('counts the requests between two readings, summed over status codes', () => {
  const before = parseRequestCounts([line('GET', 'pods', 3), line('PATCH', 'pods', 1)].join('\n'));
  const after = parseRequestCounts(
    [line('GET', 'pods', 5), line('GET', 'pods', 2).replace('200', '404'), line('PATCH', 'pods', 1)].join('\n'),
  );
  expect(requestsBetween(before, after)).toEqual([
    { verb: 'GET', group: '', resource: 'pods', subresource: '', count: 4 },
  ]);
});

test('excludes exactly leases, watches, nodes, tokens and its own measuring', () => {
  const rows = parseRequestCounts(
    [
      line('WATCH', 'pods', 1),
      line('PUT', 'leases', 1),
      line('PATCH', 'nodes', 1, 'status'),
      line('POST', 'serviceaccounts', 1, 'token'),
      line('GET', '', 1),
      line('APPLY', 'deployments', 1),
      line('LIST', 'secrets', 1),
      'apiserver_other{verb="GET"} 7',
    ].join('\n'),
  );
  const remaining = besidesLeasesAndWatches(rows);
  expect(remaining.map(({ resource }) => resource)).toEqual(['deployments', 'secrets']);
  expect(writesOf(remaining).map(({ resource }) => resource)).toEqual(['deployments']);
});
