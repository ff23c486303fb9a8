import { describe, expect, it } from 'vitest';
import { observePod, podTarget, type StoredPod } from './pod.ts';

const SILENT = { kind: 'Silent', message: '' } as const;
const labels = { 'tradingstack.dev/service': 'ws' };
const metadata = {
  name: 'demo-ws-1',
  uid: 'u',
  resourceVersion: '1',
  labels,
  annotations: { 'tradingstack.dev/release': 'abc' },
};

function pod(status: object, change: object = {}): StoredPod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ...change }, status };
}

function container(state: object, lastState: object = {}): object {
  return { containerStatuses: [{ name: 'ws', restartCount: 1, state, lastState }] };
}

function failed(exitCode: number, message?: string): object {
  return { terminated: { exitCode, reason: 'Error', ...(message === undefined ? {} : { message }) } };
}

it('reads the state of the container of its service, although the kubelet sorts an injected one before it', () => {
  const proxy = { name: 'istio-proxy', started: true, restartCount: 0, state: { waiting: { reason: 'Proxy' } } };
  const own = { name: 'ws', started: false, restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } };
  const observed = observePod(pod({ containerStatuses: [proxy, own] }), SILENT);
  expect(observed).toMatchObject({ started: false, waiting: { reason: 'CrashLoopBackOff' } });
});

it('returns the facts of a pod', () => {
  const status = { phase: 'Running', podIP: '10.0.0.7', conditions: [{ type: 'Ready', status: 'True' }] };
  expect(observePod(pod(status), SILENT)).toMatchObject({
    name: 'demo-ws-1',
    service: 'ws',
    release: 'abc',
    ip: '10.0.0.7',
    ready: true,
    deleting: false,
    succeeded: false,
    finished: false,
    waiting: undefined,
    ended: undefined,
  });
  expect(observePod(pod({}, { labels: { 'tradingstack.dev/service': 'other' } }), SILENT)).toBeUndefined();
  expect(observePod(pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), SILENT)).toMatchObject({ deleting: true });
});

it('returns where the process answers, without an address unless the pod is running', () => {
  const running = { phase: 'Running', podIP: '10.0.0.7', conditions: [{ type: 'Ready', status: 'True' }] };
  expect(podTarget(pod(running))).toEqual({ uid: 'u', service: 'ws', ip: '10.0.0.7', ready: true });
  expect(podTarget(pod({ ...running, phase: 'Failed', conditions: [] }))).toMatchObject({
    ip: undefined,
    ready: false,
  });
  expect(podTarget(pod(running, { labels: {} }))).toBeUndefined();
});

it.each([
  ['Running', false],
  ['Failed', true],
  ['Succeeded', true],
])('maps phase %s to finished: %s', (phase, finished) => {
  expect(observePod(pod({ phase }), SILENT)).toMatchObject({ finished });
});

describe('waiting', () => {
  it.each([
    ['an ordinary start', container({ waiting: { reason: 'ContainerCreating' } }), undefined],
    [
      'a missing image',
      container({ waiting: { reason: 'ImagePullBackOff', message: 'not found' } }),
      { reason: 'ImagePullBackOff', message: 'not found' },
    ],
    [
      'a missing Secret',
      container({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "x" not found' } }),
      { reason: 'CreateContainerConfigError', message: 'secret "x" not found' },
    ],
    [
      'no suitable node',
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }] },
      { reason: 'Unschedulable', message: '0/1 nodes' },
    ],
    ['an eviction', { phase: 'Failed', reason: 'Evicted', message: 'disk' }, { reason: 'Evicted', message: 'disk' }],
  ])('%s', (_what, status, waiting) => {
    expect(observePod(pod(status), SILENT)?.waiting).toEqual(waiting);
  });
});

describe('ended', () => {
  it.each([
    ['with success', container(failed(0)), undefined],
    [
      'with the termination message of a service',
      container({ running: {} }, failed(78, 'SecretMissing: secret platform-ws has no file\n')),
      { reason: 'SecretMissing', message: 'secret platform-ws has no file' },
    ],
    ['with another message', container({}, failed(1, 'oops')), { reason: 'Error', message: 'exit code 1: oops' }],
    [
      'with a stack trace',
      container({}, failed(1, "node:internal\n  throw err;\n\nError: Cannot find module 'x'\n    at y")),
      { reason: 'Error', message: "exit code 1: Error: Cannot find module 'x'" },
    ],
    ['without a message', container({}, failed(137)), { reason: 'Error', message: 'exit code 137' }],
  ])('%s', (_what, status, ended) => {
    expect(observePod(pod(status), SILENT)?.ended).toEqual(ended);
  });
});
