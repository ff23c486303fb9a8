import { expect, inject, test } from 'vitest';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { besidesLeasesAndWatches, parseRequestCounts, requestsBetween, writesOf } from './api-requests.ts';
import { createKubectl } from './kubectl.ts';
import { until } from './until.ts';

const { place, kubectlOptions } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
const MEASURED_SECONDS = 120;

interface StackView {
  readonly metadata: { readonly resourceVersion: string };
  readonly status?: { readonly phase?: string };
}

test('an idle reconciled stack writes nothing and asks next to nothing of the API server', async () => {
  await until('a running stack', async () => ((await stack()).status?.phase === 'Running' ? true : undefined));
  await systemClock.sleep(15_000);
  const resourceVersion = (await stack()).metadata.resourceVersion;
  const before = parseRequestCounts(await kubectl.raw('/metrics'));
  await systemClock.sleep(MEASURED_SECONDS * 1_000);
  const requests = besidesLeasesAndWatches(requestsBetween(before, parseRequestCounts(await kubectl.raw('/metrics'))));
  const seen = requests.map((row) => `${row.count} ${row.verb} ${row.resource}/${row.subresource}`).join(', ');
  process.stdout.write(`idle requests in ${MEASURED_SECONDS} s: ${seen === '' ? 'none' : seen}\n`);
  expect(writesOf(requests), seen).toEqual([]);
  const perSecond = requests.reduce((sum, row) => sum + row.count, 0) / MEASURED_SECONDS;
  expect(perSecond, seen).toBeLessThanOrEqual(0.1);
  expect((await stack()).metadata.resourceVersion).toBe(resourceVersion);
});

async function stack(): Promise<StackView> {
  return await kubectl.json<StackView>('-n', place.namespace, 'get', 'tradingstack', place.name);
}
