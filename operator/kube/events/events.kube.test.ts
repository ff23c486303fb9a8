import { afterAll, beforeAll, expect, it } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { configMaps, events } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { createEventRecorder } from './events.ts';

let client: KubeClient;

beforeAll(() => {
  client = testKubeClient();
});

afterAll(async () => {
  await client.close();
});

it('writes equal events as one event with a count', async () => {
  const namespace = await newNamespace(client, 'events');
  const { metadata } = await client.create(configMaps, { metadata: { namespace, name: 'subject' } });
  const recorder = createEventRecorder({
    client,
    clock: systemClock,
    log: silentLog,
    controller: 'example.dev/test',
    instance: 'pod-1',
  });
  const regarding = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'subject', uid: metadata.uid };
  const event = {
    regarding,
    type: 'Warning',
    reason: 'TierFailed',
    action: 'Rollout',
    note: 'x'.repeat(2_000),
  } as const;
  recorder.record(event);
  await recorder.flush();
  recorder.record(event);
  recorder.record(event);
  recorder.record({ ...event, reason: 'Other' });
  await recorder.stop();
  const { items } = await client.list(events, { namespace });
  expect(
    items.map(({ reason, type, series, reportingInstance }) => [reason, type, series?.count, reportingInstance]),
  ).toEqual([
    ['TierFailed', 'Warning', 3, 'pod-1'],
    ['Other', 'Warning', undefined, 'pod-1'],
  ]);
});
