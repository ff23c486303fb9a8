import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createKubectl } from './kubectl.ts';
import {
  flowSchemaNames,
  flowSchemasOf,
  parseOperatorRequests,
  requestsBetween,
  type RequestCounts,
} from './operator-requests.ts';
import { until } from './until.ts';

const { place, kubectlOptions, operatorNamespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
/**
 * Long enough for a write or a request that the operator would repeat: it reads pods every 5 s and renews its lease
 * every 2 s.
 */
const WINDOW_S = 60;

interface StackView {
  readonly status?: { readonly phase?: string; readonly observedAt?: string };
}

beforeAll(async () => {
  await kubectl.apply(flowSchemasOf({ namespace: operatorNamespace, name: 'tradingstack-operator' }));
  await until('the API server to count the renewals of the lease', async () =>
    (await requestsIn(3)).leases > 0 ? true : undefined,
  );
});

afterAll(async () => {
  await kubectl.run('delete', ...flowSchemaNames());
});

test('the operator writes nothing for an idle stack but the time of observation, and sends at most 0.1 requests per second', async () => {
  await until('a running stack', async () => ((await stack()).status?.phase === 'Running' ? true : undefined));
  await until('five seconds without a write', async () => ((await requestsIn(5)).writes === 0 ? true : undefined));
  const before = await observedState();
  const requests = await requestsIn(WINDOW_S);
  process.stdout.write(`requests of the operator in ${WINDOW_S} s: ${JSON.stringify(requests)}\n`);
  expect(await observedState()).toEqual(before);
  expect(requests.leases).toBeGreaterThan(0);
  expect(requests.writes).toBe(0);
  // Once a minute the operator renews the time at which it observed a stack, also of those that are not of this run.
  expect(requests.status).toBeLessThanOrEqual((await stacks()) * (Math.ceil(WINDOW_S / 60) + 1));
  expect((requests.status + requests.reads) / WINDOW_S).toBeLessThanOrEqual(0.1);
});

/** The status without the time at which it was observed. */
async function observedState(): Promise<object> {
  const { observedAt: _renewed, ...status } = (await stack()).status ?? {};
  return status;
}

/** Requests of the operator in so many seconds, from the API server's own metrics. */
async function requestsIn(seconds: number): Promise<RequestCounts> {
  const before = parseOperatorRequests(await kubectl.raw('/metrics'));
  await systemClock.sleep(seconds * 1_000);
  return requestsBetween(before, parseOperatorRequests(await kubectl.raw('/metrics')));
}

/** Number of stacks in the cluster. */
async function stacks(): Promise<number> {
  return (await kubectl.json<{ readonly items: readonly unknown[] }>('get', 'tradingstacks', '-A')).items.length;
}

async function stack(): Promise<StackView> {
  return await kubectl.json<StackView>('-n', place.namespace, 'get', 'tradingstack', place.name);
}
