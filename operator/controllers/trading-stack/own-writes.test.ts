import { expect, it } from 'vitest';
import { stackObservation } from '../../../test/fixtures/stack-observation.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import type { KubeObject } from '../../kube/client/resource.ts';
import { apply, type ApplyOptions } from './apply.ts';
import { NOTHING, type Decision } from './decision.ts';

const old = { metadata: { namespace: 'trading', name: 'old', uid: 'u', resourceVersion: '1' } };

/** A server that accepts every write. Returns what was written, and what the cache is expected to show. */
async function writesOf(
  decision: Partial<Decision>,
): Promise<{ readonly sent: string[]; readonly expected: string[] }> {
  const sent: string[] = [];
  const expected: string[] = [];
  const answer = async (write: string, object: KubeObject = {}): Promise<KubeObject> => {
    sent.push(write);
    return await Promise.resolve({ ...object, metadata: { ...object.metadata, resourceVersion: '2' } });
  };
  const nameOf = ({ metadata }: KubeObject): string => metadata?.name ?? '';
  const cache = { get: () => old, followerOf: (_namespace: string, name: string) => name };
  const observation = stackObservation();
  const { name, namespace, uid } = observation.stack;
  const metadata = { name, namespace, uid, resourceVersion: '1' };
  const options = {
    client: {
      list: async () => await Promise.resolve({ items: [] }),
      apply: async (_resource: unknown, object: KubeObject) => await answer(nameOf(object), object),
      mergePatch: async (_resource: unknown, { name: patched }: { readonly name: string }) => await answer(patched),
      setFinalizers: async (_resource: unknown, object: KubeObject) => await answer(nameOf(object), object),
      delete: async (_: unknown, { name: id }: { name: string }, { uid = '' }) => await answer(uid === 'u' ? id : ''),
    },
    caches: { stacks: cache, children: { ConfigMap: cache, Deployment: cache } },
    events: { record: () => undefined },
    lastWritten: {
      expectWritten: (_key: string, follower: string) => expected.push(follower),
      expectDeleted: (_key: string, follower: string) => expected.push(follower),
    },
    contention: { waitMs: () => 0, repaired: () => false },
    activations: { note: () => undefined },
    log: createLogger({ name: 'test', level: 'silent' }),
  } as unknown as ApplyOptions;
  const object = { apiVersion: TRADING_STACK_API_VERSION, kind: 'TradingStack', metadata };
  await apply(options, { observation, object }, { ...NOTHING, ...decision }, new AbortController().signal);
  return { sent, expected };
}

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'trading', name: 'demo-ws-1' } };
const gone = { kind: 'ConfigMap', name: 'old', uid: 'u', service: 'ws', applied: '', deleting: false } as const;

it.each<[string, Partial<Decision>, string]>([
  ['an applied object', { objects: [configMap] }, 'demo-ws-1'],
  ['a deletion', { deletions: [gone] }, 'old'],
  ['a scaled Deployment', { scaleToZero: ['demo-execution-blue'] }, 'demo-execution-blue'],
  ['a finalizer', { finalizer: 'Add' }, 'demo'],
  ['the status', { status: { phase: 'Running' } }, 'demo'],
])('expects the caches to show %s before it decides again', async (_what, decision, name) => {
  expect(await writesOf(decision)).toEqual({ sent: [name], expected: [name] });
});
