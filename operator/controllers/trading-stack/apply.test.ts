import { expect, it } from 'vitest';
import { createLogger, type Logger } from '../../../services/shared/runtime/logger.ts';
import { TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { KubeError, type KubeErrorCode } from '../../kube/client/kube-error.ts';
import { stackObservation } from '../../../test/fixtures/stack-observation.ts';
import { apply, type ApplyOptions } from './apply.ts';
import { NOTHING } from './decision.ts';
import type { Observed } from './observe/observe.ts';

const command = { pod: 'demo-execution-blue-0', uid: 'u', ip: '10.0.0.7', epoch: 3 };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'trading', name: 'demo-ws-1' } };
const never = new AbortController().signal;

/** A server that rejects ConfigMaps with `code` and records other writes in `written`. */
function rejectingServer(
  written: string[],
  code: KubeErrorCode,
  { statusFails = false, log = createLogger({ name: 'test', level: 'silent' }) } = {},
): ApplyOptions {
  const stored = { metadata: { namespace: 'trading', name: 'demo', uid: 'u', resourceVersion: '2' } };
  const client = {
    apply: async ({ kind }: { readonly kind: string }) => {
      await Promise.resolve();
      if (kind === 'ConfigMap') throw new KubeError(code, 'exceeded quota');
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
    log,
  } as unknown as ApplyOptions;
}

function observed(): Observed {
  const observation = stackObservation();
  const { name, namespace, uid } = observation.stack;
  const metadata = { name, namespace, uid, resourceVersion: '1' };
  return { observation, object: { apiVersion: TRADING_STACK_API_VERSION, kind: 'TradingStack', metadata } };
}

const decision = { ...NOTHING, objects: [object], status: { phase: 'Running' as const }, activate: command };

it.each(['Forbidden', 'Invalid', 'Internal', 'Unavailable', 'Timeout'] as const)(
  'activates the sender even if the server rejects an object with %s, so that a quota or webhook does not stop trading',
  async (code) => {
    const written: string[] = [];
    await expect(apply(rejectingServer(written, code), observed(), decision, never)).rejects.toMatchObject({ code });
    expect(written).toEqual(['status', 'ApplyRefused', 'activated']);
  },
);

it.each(['Aborted', 'NotLeader', 'Conflict'] as const)(
  'writes nothing more after %s, because the decision is no longer valid',
  async (code) => {
    const written: string[] = [];
    await expect(apply(rejectingServer(written, code), observed(), decision, never)).rejects.toMatchObject({ code });
    expect(written).toEqual([]);
  },
);

it('activates no process if the status write conflicts, because the epoch may have changed', async () => {
  const written: string[] = [];
  const applied = apply(rejectingServer(written, 'Forbidden', { statusFails: true }), observed(), decision, never);
  await expect(applied).rejects.toMatchObject({ code: 'Conflict' });
  expect(written).toEqual([]);
});

it('logs every event, because the API server keeps only some, for an hour', async () => {
  const lines: object[] = [];
  const line = (fields: object): unknown => lines.push(fields);
  const log = { info: line, warn: () => undefined } as unknown as Logger;
  const event = { type: 'Warning', reason: 'Halted', action: 'Halt', note: 'no new orders are sent' } as const;
  const applied = apply(rejectingServer([], 'Forbidden', { log }), observed(), { ...decision, events: [event] }, never);
  await expect(applied).rejects.toMatchObject({ code: 'Forbidden' });
  const stack = 'trading/demo';
  expect(lines.slice(0, 2)).toEqual([
    { stack, type: 'Warning', reason: 'Halted', note: 'no new orders are sent' },
    { stack, type: 'Warning', reason: 'ApplyRefused', note: 'ConfigMap demo-ws-1: exceeded quota' },
  ]);
});
