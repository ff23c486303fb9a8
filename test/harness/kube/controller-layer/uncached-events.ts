import { request } from 'undici';
import { inject } from 'vitest';
import { microTime } from '../../../../operator/kube/client/micro-time.ts';
import type { KubeObject } from '../../../../operator/kube/client/resource.ts';

/** An Event: the only kind that the API server reads and watches in etcd itself, and not in its watch cache. */
export function eventNamed(namespace: string, name: string): KubeObject {
  const event = {
    metadata: { namespace, name },
    eventTime: microTime(Date.now()),
    reportingController: 'example.dev/test',
    reportingInstance: 'test',
    type: 'Normal',
    reason: 'Test',
    action: 'Test',
    regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'subject' },
  };
  return event;
}

interface Answer {
  readonly header?: { readonly revision?: string };
}

/** Compacts etcd through its JSON gateway, as the API server does every five minutes. */
export async function compactHistory(): Promise<void> {
  const post = async (path: string, body: object): Promise<Answer> => {
    const url = `${inject('etcdUrl')}/v3/kv/${path}`;
    const answer = await request(url, { method: 'POST', body: JSON.stringify(body) });
    return (await answer.body.json()) as Answer;
  };
  const { header } = await post('range', { key: Buffer.from('/').toString('base64') });
  await post('compaction', { revision: header?.revision, physical: true });
}
