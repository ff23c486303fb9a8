import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLogger, type Logger } from '../../../services/shared/runtime/logger.ts';
import { TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { KubeError, type KubeErrorCode } from '../../kube/client/kube-error.ts';
import { stackObservation } from '../../../test/fixtures/stack-observation.ts';
import { apply, type ApplyOptions } from './apply.ts';
import type { ReleaseChange } from '../../api/v1alpha1/trading-stack/status.ts';
import { NOTHING } from './decision.ts';
import type { Measurement } from './status/measurements.ts';
import type { KubeObject } from '../../kube/client/resource.ts';
import type { Observed } from './observe/observe.ts';

const command = { pod: 'demo-execution-blue-0', uid: 'u', ip: '10.0.0.7', epoch: 3 };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'trading', name: 'demo-ws-1' } };
const never = new AbortController().signal;

/** A server that rejects ConfigMaps with `code` and records other writes in `written`. */
function rejectingServer(
  written: string[],
  code: KubeErrorCode,
  {
    statusFails = false,
    log = createLogger({ name: 'test', level: 'silent' }),
    onApply = () => undefined,
    onStatus = () => undefined,
    cached = () => observed().object,
    asked = [],
  }: {
    readonly statusFails?: boolean;
    readonly log?: Logger;
    readonly onApply?: (object: KubeObject) => unknown;
    /** May throw what the server answers. */
    readonly onStatus?: (status: object) => unknown;
    /** The newest stack of the cache. */
    readonly cached?: () => Observed['object'] | undefined;
    /** Processes that are asked for their status again. */
    readonly asked?: string[];
  } = {},
): ApplyOptions {
  const stored = { metadata: { namespace: 'trading', name: 'demo', uid: 'u', resourceVersion: '2' } };
  const client = {
    list: async () => await Promise.resolve({ items: [] }),
    apply: async ({ kind }: { readonly kind: string }, applied: KubeObject & { readonly status?: object }) => {
      await Promise.resolve();
      onApply({ ...applied, kind });
      if (kind === 'TradingStack') onStatus(applied.status ?? {});
      if (kind === 'ConfigMap') throw new KubeError(code, 'exceeded quota');
      if (statusFails) throw new KubeError('Conflict', 'the object has been modified');
      if (kind === 'TradingStack') written.push('status');
      return stored;
    },
  };
  const cache = { get: () => undefined, followerOf: () => undefined };
  return {
    client,
    caches: { stacks: { ...cache, get: cached }, children: { ConfigMap: cache, Service: cache } },
    events: { record: ({ reason }: { readonly reason: string }) => written.push(reason) },
    lastWritten: { expectWritten: () => undefined },
    contention: { waitMs: () => 0, repaired: () => false },
    activations: { note: () => written.push('activated') },
    processes: { askSenders: (key: string) => asked.push(key) },
    postActivate: async () => await Promise.resolve({ kind: 'Accepted', reason: '' }),
    log,
  } as unknown as ApplyOptions;
}

function nameOf({ metadata }: KubeObject): string {
  return metadata?.name ?? '';
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

it('goes on with the objects of other services after a refusal, and not with those of the same service', async () => {
  const applied: string[] = [];
  const labelled = (kind: string, service: string) => ({
    apiVersion: 'v1',
    kind,
    metadata: { namespace: 'trading', name: `demo-${service}`, labels: { 'tradingstack.dev/service': service } },
  });
  const options = rejectingServer([], 'Forbidden', {
    onApply: (object) => applied.push(`${object.kind} ${nameOf(object)}`),
  });
  const objects = [labelled('ConfigMap', 'ws'), labelled('Service', 'ws'), labelled('Service', 'risk')];
  await expect(apply(options, observed(), { ...decision, objects }, never)).rejects.toMatchObject({
    code: 'Forbidden',
  });
  expect(applied).toEqual(['ConfigMap demo-ws', 'Service demo-risk', 'TradingStack demo']);
});

it('measures what has ended once the status is stored, and nothing if it is not', async () => {
  const measured: string[] = [];
  const observe = (all: readonly Measurement[]): void => void measured.push(...all.map(({ kind }) => kind));
  const since = '2026-01-01T00:00:00.000Z';
  const history: ReleaseChange[] = [{ release: 'a', version: '1', since, reason: 'Installed', record: '' }];
  const release = { desired: 'a', target: 'a', current: 'a', history };
  const ended = { ...decision, objects: [], status: { observedAt: since, release } };
  const down = rejectingServer([], 'Forbidden', {
    onStatus: () => {
      throw new Error('unavailable');
    },
  });
  await expect(apply({ ...down, metrics: { observe } }, observed(), ended, never)).rejects.toThrow('unavailable');
  expect(measured).toEqual([]);
  await apply({ ...rejectingServer([], 'Forbidden'), metrics: { observe } }, observed(), ended, never);
  expect(measured).toEqual(['Rollout']);
});

describe('activates neither a sender nor a release of risk if, while the decision was written,', () => {
  const { object: stack } = observed();
  const both = {
    ...decision,
    objects: [],
    activateRelease: { ...command, pod: 'demo-risk-0', service: 'risk' as const },
  };
  const changed = (metadata: object) => ({ ...stack, metadata: { ...stack.metadata, ...metadata } });

  it.each<[string, Observed['object'] | undefined]>([
    ['the spec changed', changed({ generation: 2 })],
    ['an annotation was set', changed({ annotations: { 'tradingstack.dev/trading-state': 'Halted' } })],
    ['the stack is being deleted', changed({ deletionTimestamp: '2026-01-01T00:00:00Z' })],
    ['the stack was created again', changed({ uid: 'other' })],
    ['the stack was deleted', undefined],
  ])('%s', async (_what, newest) => {
    const written: string[] = [];
    let isWritten = false;
    const options = rejectingServer(written, 'Forbidden', {
      onStatus: () => (isWritten = true),
      cached: () => (isWritten ? newest : stack),
    });
    await apply(options, observed(), both, never);
    expect(written).toEqual(['status']);
  });

  it('and both if nothing did', async () => {
    const written: string[] = [];
    await apply(rejectingServer(written, 'Forbidden', { cached: () => stack }), observed(), both, never);
    expect(written).toEqual(['status', 'activated', 'activated']);
  });
});

it('activates no process while the CRD refuses the sender, because its epoch is not stored', async () => {
  const written: string[] = [];
  const options = rejectingServer(written, 'Forbidden', {
    onStatus: (status) => {
      if ('execution' in status || 'phase' in status) throw new KubeError('Invalid', 'status.execution');
    },
  });
  const status = { phase: 'Running' as const, execution: { active: 'none' as const, epoch: 2 } };
  await apply(options, observed(), { ...decision, objects: [], status }, never);
  expect(written).toEqual([]);
});

it.each(['Aborted', 'NotLeader'] as const)(
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

it('asks the old sender to hand over first, activates the next one whatever it answers, and asks both again', async () => {
  const written: string[] = [];
  const drain = {
    ...command,
    pod: 'demo-execution-blue-1',
    uid: 'b',
    epoch: 1,
    deadlineMs: 10,
    resting: 'Carry' as const,
  };
  const both = { ...decision, objects: [], drain };
  const asked: string[] = [];
  const options: ApplyOptions = {
    ...rejectingServer(written, 'Forbidden', { asked }),
    postDrain: async () => {
      await setImmediate();
      written.push('drained');
      return { kind: 'NotDrained', reason: 'no answer' };
    },
    postActivate: async () => await Promise.resolve({ kind: 'Accepted', reason: String(written.push('requested')) }),
  };
  await apply(options, observed(), both, never);
  expect(written).toEqual(['status', 'drained', 'requested', 'activated']);
  expect(asked).toEqual(['trading/demo', 'trading/demo']);
});
