import { expect, it, onTestFinished } from 'vitest';
import { newNamespace, testKubeClient, testKubeConfig } from '../../../test/harness/kube/kube-client.ts';
import { compactHistory, eventNamed } from '../../../test/harness/kube/controller-layer/uncached-events.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { events } from './builtin-resources.ts';
import { createConnection } from './connection.ts';
import { listAll } from './list.ts';
import { sendRequest } from './request.ts';
import { pathOf } from './resource.ts';

it('reads the whole list again when the server no longer has the version of its pages (410)', async () => {
  const admin = testKubeClient();
  const connection = createConnection({ kubeConfig: testKubeConfig(), clock: systemClock, maxConnections: 1 });
  onTestFinished(async () => void (await Promise.all([admin.close(), connection.close()])));
  const namespace = await newNamespace(admin, 'pages');
  const create = async (name: string) => await admin.create(events, eventNamed(namespace, name));
  for (const name of ['a', 'b', 'c']) await create(name);
  const codes: string[] = [];
  const { items } = await listAll(events, { pageSize: 2 }, async (query) => {
    if (query['continue'] !== undefined) {
      await create('d');
      await compactHistory();
    }
    const call = { method: 'GET', path: pathOf(events, { namespace }), query } as const;
    const context = { connection, userAgent: 'test', signal: AbortSignal.timeout(10_000), pool: 'reads' } as const;
    const answer = await sendRequest(call, context).catch((error: unknown) => {
      codes.push((error as { readonly code: string }).code);
      throw error;
    });
    return (await answer.body.json()) as never;
  });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd']);
  expect(codes).toEqual(['Gone']);
});
