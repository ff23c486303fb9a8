import { expect, test } from 'vitest';
import { flowSchemaNames, flowSchemasOf, parseOperatorRequests, requestsBetween } from './operator-requests.ts';

const row = (schema: string, type: string, count: number): string =>
  `apiserver_flowcontrol_request_execution_seconds_count{flow_schema="${schema}",priority_level="workload-low",type="${type}"} ${count}`;

test('counts the requests of the operator between two readings, and neither watches nor those of others', () => {
  const before = parseOperatorRequests(
    [row('e2e-operator-reads', 'regular', 3), row('e2e-operator-leases', 'regular', 1)].join('\n'),
  );
  const after = parseOperatorRequests(
    [
      row('e2e-operator-reads', 'regular', 5),
      row('e2e-operator-reads', 'watch', 9),
      row('e2e-operator-leases', 'regular', 31),
      row('e2e-operator-status', 'regular', 1),
      row('service-accounts', 'regular', 700),
    ].join('\n'),
  );
  expect(requestsBetween(before, after)).toEqual({ leases: 30, status: 1, writes: 0, reads: 2 });
});

test('has one schema per kind, the narrower ones first, before the one of Kubernetes for every service account', () => {
  const { items } = flowSchemasOf({ namespace: 'a', name: 'b' }) as {
    items: readonly { metadata: { name: string }; spec: { matchingPrecedence: number } }[];
  };
  expect(items.map(({ metadata, spec }) => [metadata.name, spec.matchingPrecedence])).toEqual([
    ['e2e-operator-leases', 8_001],
    ['e2e-operator-status', 8_002],
    ['e2e-operator-writes', 8_003],
    ['e2e-operator-reads', 8_004],
  ]);
  expect(flowSchemaNames()).toEqual(items.map(({ metadata }) => `flowschema/${metadata.name}`));
});
