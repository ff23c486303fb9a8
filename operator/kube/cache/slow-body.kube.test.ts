import { expect, it, onTestFinished } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { severableServer } from '../../../test/harness/kube/severable-server.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { configMaps } from '../client/builtin-resources.ts';
import type { KubeObject } from '../client/resource.ts';
import { createKubeMetrics } from '../metrics.ts';
import { createReflector } from './reflector.ts';

const none = { inc: () => undefined, set: () => undefined, observe: () => undefined };

/** Metrics that only record the label `code`. */
function codesInto(codes: string[]) {
  return createKubeMetrics({
    counter: () => ({ inc: ({ code }) => void (code !== undefined && codes.push(code)) }),
    gauge: () => none,
    histogram: () => none,
  });
}

it('ends a list whose body is too slow at the deadline, and lists again', async () => {
  const admin = testKubeClient();
  const server = await severableServer();
  const codes: string[] = [];
  const { client: metrics, reflector: failed } = codesInto(codes);
  const client = testKubeClient({ kubeConfig: server.kubeConfig, metrics, deadlineMs: 2_000, maxConnections: 1 });
  const namespace = await newNamespace(admin, 'slow');
  const filler = { data: { filler: 'x'.repeat(20_000) } };
  for (const name of Array.from({ length: 20 }, (_, index) => `map-${index}`))
    await admin.create(configMaps, { metadata: { namespace, name }, ...filler });
  // The handshake is not what is slow.
  await client.list(configMaps, { namespace, pageSize: 1, labelSelector: 'none' });
  const options = { client, resource: configMaps, namespace, clock: systemClock, log: silentLog, metrics: failed };
  const reflector = createReflector<KubeObject>({ ...options, minBackoffMs: 10 });
  onTestFinished(async () => {
    await reflector.stop();
    await client.close();
    await server.close();
    await admin.close();
  });
  // Of 400 kB.
  server.throttle(50_000);
  reflector.start();
  await expect.poll(() => reflector.failure(), { timeout: 20_000 }).toMatchObject({ code: 'Timeout' });
  expect(codes.slice(0, 4), 'the headers came in time').toEqual(['200', '200', 'Timeout', 'Timeout']);
  server.throttle(Number.POSITIVE_INFINITY);
  await reflector.synced();
  expect(reflector.store.size).toBe(20);
});
