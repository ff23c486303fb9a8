import type { ServerResponse } from 'node:http';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { createReflector } from '../../../operator/kube/cache/reflector.ts';
import type { ReflectorOptions } from '../../../operator/kube/cache/reflector-options.ts';
import { configMaps } from '../../../operator/kube/client/builtin-resources.ts';
import { createKubeClient } from '../../../operator/kube/client/client.ts';
import type { KubeObject, Stored } from '../../../operator/kube/client/resource.ts';
import { createKubeMetrics, type ReflectorMetrics } from '../../../operator/kube/metrics.ts';
import { virtualClock } from '../virtual-clock.ts';
import { sendJson, startFakeApiServer } from './fake-api-server.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** A stored ConfigMap in namespace ns, whose uid is its name. */
export function configMapOf(name: string, resourceVersion: string): Stored {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns', uid: name, resourceVersion } };
}

function metricsInto(failures: string[], missed: number[]): ReflectorMetrics {
  const none = { inc: () => undefined, set: () => undefined, observe: () => undefined };
  const { reflector } = createKubeMetrics({ counter: () => none, gauge: () => none, histogram: () => none });
  return {
    ...reflector,
    failures: { inc: ({ code = '' }) => void failures.push(code) },
    missed: { inc: (_labels, count = 1) => void missed.push(count) },
  };
}

/** Creates a reflector over a scripted server: a list returns `items`, and `onWatch` answers each watch. */
export async function scriptedReflector(settings: Partial<ReflectorOptions<KubeObject>> = {}) {
  const clock = virtualClock();
  const server = await startFakeApiServer();
  const client = createKubeClient({ kubeConfig: server.kubeConfig, clock, log, userAgent: 'test', lease: 'None' });
  const failures: string[] = [];
  const missed: number[] = [];
  const metrics = metricsInto(failures, missed);
  const options = { client, resource: configMaps, clock, log, random: () => 0, metrics, ...settings };
  const reflector = createReflector<KubeObject>(options);
  const script = {
    items: [configMapOf('a', '1')],
    version: '10',
    lists: 0,
    watches: [] as { readonly query: URLSearchParams; readonly response: ServerResponse }[],
    onList: (response: ServerResponse): void =>
      sendJson(response, { metadata: { resourceVersion: script.version }, items: script.items }),
    onWatch: (response: ServerResponse): void => {
      response.writeHead(200).flushHeaders();
    },
    changes: [] as string[],
    failures,
    /** Counts of missed changes. */
    missed,
  };
  server.answer((response, { query }) => {
    if (query.get('watch') === 'true') {
      script.watches.push({ query, response });
      script.onWatch(response);
    } else {
      script.lists += 1;
      script.onList(response);
    }
  });
  reflector.onChange(({ type, key }) => script.changes.push(`${type} ${key}`));
  onTestFinished(async () => {
    await reflector.stop();
    await client.close();
    await server.close();
  });
  return { clock, server, reflector, script };
}

export type ReflectorScript = Awaited<ReturnType<typeof scriptedReflector>>['script'];

/** Resolves with the response of the watch once that many were requested. */
export async function watching(script: ReflectorScript, count: number): Promise<ServerResponse> {
  await expect.poll(() => script.watches.length).toBe(count);
  return script.watches[count - 1]?.response ?? expect.fail('no watch');
}
