import { afterAll, expect, inject, test } from 'vitest';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import {
  besidesLeasesAndWatches,
  parseRequestCounts,
  requestsBetween,
  writesOf,
  type RequestCount,
} from './api-requests.ts';
import { createKubectl } from './kubectl.ts';
import { until } from './until.ts';

const { place, kubectlOptions, operatorNamespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
const OPERATOR = 'deployment/tradingstack-operator';
/**
 * Long enough for a write or a request that the operator would repeat: it reads pods every 5 s and renews its lease
 * every 2 s.
 */
const WINDOW_S = 60;
const WITHOUT_S = 30;

interface StackView {
  readonly status?: { readonly phase?: string; readonly observedAt?: string };
}

afterAll(async () => {
  await kubectl.run('-n', operatorNamespace, 'scale', OPERATOR, '--replicas=2');
  await kubectl.run('-n', operatorNamespace, 'wait', OPERATOR, '--for=condition=Available', '--timeout=28s');
});

// The API server counts the requests of every client, including the kubelet and itself. The count without the operator
// is therefore the baseline.
test('the operator writes nothing for an idle stack but the time of observation, and sends at most 0.1 requests per second', async () => {
  await until('a running stack', async () => ((await stack()).status?.phase === 'Running' ? true : undefined));
  await untilQuiet();
  const before = await observedState();
  const withOperator = await requestsIn(WINDOW_S);
  expect(await observedState()).toEqual(before);
  const writes = writesOf(withOperator);
  const renewals = writes.filter(isStatusWrite);
  expect(
    writes.filter((row) => !isStatusWrite(row)),
    describeRequests(withOperator),
  ).toEqual([]);
  // Once a minute the operator renews the time at which it observed a stack, also of those that are not of this run.
  const renewalsMax = (await stacks()) * (Math.ceil(WINDOW_S / 60) + 1);
  expect(total(renewals), describeRequests(withOperator)).toBeLessThanOrEqual(renewalsMax);

  await kubectl.run('-n', operatorNamespace, 'scale', OPERATOR, '--replicas=0');
  await until('the operator to end', async () => ((await operatorPods()) === '' ? true : undefined));
  const without = await requestsIn(WITHOUT_S);
  process.stdout.write(
    `in ${WINDOW_S} s with the operator: ${describeRequests(withOperator)}\nin ${WITHOUT_S} s without: ${describeRequests(without)}\n`,
  );
  expect(total(withOperator) / WINDOW_S - total(without) / WITHOUT_S).toBeLessThanOrEqual(0.1);
});

function isStatusWrite({ resource, subresource }: RequestCount): boolean {
  return resource === 'tradingstacks' && subresource === 'status';
}

/** The status without the time at which it was observed. */
async function observedState(): Promise<object> {
  const { observedAt: _renewed, ...status } = (await stack()).status ?? {};
  return status;
}

/** Waits for five seconds without a write: objects of other tests are deleted by then, and the stack has settled. */
async function untilQuiet(): Promise<void> {
  await until('five seconds without a write', async () =>
    writesOf(await requestsIn(5)).length === 0 ? true : undefined,
  );
}

async function operatorPods(): Promise<string> {
  const selector = 'app.kubernetes.io/name=tradingstack-operator';
  return await kubectl.run('-n', operatorNamespace, 'get', 'pods', '-l', selector, '-o', 'name');
}

/** Requests beside leases and watches in so many seconds, from the API server's own metrics. */
async function requestsIn(seconds: number): Promise<readonly RequestCount[]> {
  const before = parseRequestCounts(await kubectl.raw('/metrics'));
  await systemClock.sleep(seconds * 1_000);
  return besidesLeasesAndWatches(requestsBetween(before, parseRequestCounts(await kubectl.raw('/metrics'))));
}

function total(requests: readonly RequestCount[]): number {
  return requests.reduce((sum, row) => sum + row.count, 0);
}

function describeRequests(requests: readonly RequestCount[]): string {
  const rows = requests.map((row) => `${row.count} ${row.verb} ${row.resource}`);
  return rows.length === 0 ? 'none' : rows.join(', ');
}

/** Number of stacks in the cluster. */
async function stacks(): Promise<number> {
  return (await kubectl.json<{ readonly items: readonly unknown[] }>('get', 'tradingstacks', '-A')).items.length;
}

async function stack(): Promise<StackView> {
  return await kubectl.json<StackView>('-n', place.namespace, 'get', 'tradingstack', place.name);
}
