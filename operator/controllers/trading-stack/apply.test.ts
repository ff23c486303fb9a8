import { expect, it } from 'vitest';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack.ts';
import { KubeError } from '../../kube/kube-error.ts';
import { stackObservation } from '../../../test/support/stack-observation.ts';
import { apply, type ApplyOptions } from './apply.ts';
import { NOTHING } from './decision.ts';
import type { Observed } from './observe.ts';

const command = { pod: 'demo-execution-blue-0', uid: 'u', ip: '10.0.0.7', epoch: 3 };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'trading', name: 'demo-ws-1' } };
const never = new AbortController().signal;

/** A server that refuses ConfigMaps, and writes what it is asked into `written`. */
function refusingWorld(written: string[], statusFails = false): ApplyOptions {
  const stored = { metadata: { namespace: 'trading', name: 'demo', uid: 'u', resourceVersion: '2' } };
  const client = {
    apply: async ({ kind }: { readonly kind: string }) => {
      await Promise.resolve();
      if (kind === 'ConfigMap') throw new KubeError('Forbidden', 'exceeded quota');
      if (statusFails) throw new KubeError('Conflict', 'the object has been modified');
      written.push('status');
      return stored;
    },
  };
  const cache = { get: () => undefined, followerOf: () => undefined };
  return {
    client,
    caches: { stacks: cache, children: { ConfigMap: cache } },
    events: { record: ({ reason }: { readonly reason: string }) => written.push(reason) },
    lastWritten: { expectWritten: () => undefined },
    activations: { note: () => written.push('activated') },
    postActivate: async () => await Promise.resolve({ kind: 'Accepted', reason: '' }),
    log: createLogger({ name: 'test', level: 'silent' }),
  } as unknown as ApplyOptions;
}

function observed(): Observed {
  const observation = stackObservation();
  const { name, namespace, uid } = observation.stack;
  const metadata = { name, namespace, uid, resourceVersion: '1' };
  return { observation, object: { apiVersion: TRADING_STACK_API_VERSION, kind: 'TradingStack', metadata } };
}

const decision = { ...NOTHING, objects: [object], status: { phase: 'Running' as const }, activate: command };

it('activates the sender although the server refuses an object: a quota must not end trading', async () => {
  const written: string[] = [];
  await expect(apply(refusingWorld(written), observed(), decision, never)).rejects.toMatchObject({ code: 'Forbidden' });
  expect(written).toEqual(['status', 'ApplyRefused', 'activated']);
});

it('activates nobody when the status was decided on an older object: the epoch may be another', async () => {
  const written: string[] = [];
  const applied = apply(refusingWorld(written, true), observed(), decision, never);
  await expect(applied).rejects.toMatchObject({ code: 'Conflict' });
  expect(written).toEqual([]);
});
