import { describe, expect, it } from 'vitest';
import { observePod, podTarget, type StoredPod } from './pod.ts';

const NOW_MS = Date.parse('2026-01-01T00:01:00Z');
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
  const observed = observePod(pod({ containerStatuses: [proxy, own] }), SILENT, NOW_MS);
  expect(observed).toMatchObject({ started: false, waiting: { reason: 'CrashLoopBackOff' } });
});

it('returns the facts of a pod', () => {
  const status = { phase: 'Running', podIP: '10.0.0.7', conditions: [{ type: 'Ready', status: 'True' }] };
  expect(observePod(pod(status), SILENT, NOW_MS)).toMatchObject({
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
  expect(observePod(pod({}, { labels: { 'tradingstack.dev/service': 'other' } }), SILENT, NOW_MS)).toBeUndefined();
  expect(observePod(pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), SILENT, NOW_MS)).toMatchObject({
    deleting: true,
  });
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
  expect(observePod(pod({ phase }), SILENT, NOW_MS)).toMatchObject({ finished });
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
    expect(observePod(pod(status), SILENT, NOW_MS)?.waiting).toEqual(waiting);
  });
});

describe('an init container', () => {
  const starting = { name: 'ws', restartCount: 0, state: { waiting: { reason: 'PodInitializing' } }, lastState: {} };
  const status = (init: object, own: object = starting) => ({
    containerStatuses: [own],
    initContainerStatuses: [{ name: 'mesh', restartCount: 2, state: {}, lastState: {}, ...init }],
  });
  const waiting = (reason: string) => ({ waiting: { reason, message: 'm' } });
  it.each([
    [
      'without an image',
      status({ state: waiting('ErrImagePull') }),
      { reason: 'ErrImagePull', message: 'init container mesh: m' },
    ],
    [
      'in a crash loop',
      status({ state: waiting('CrashLoopBackOff'), lastState: failed(1, 'no route') }),
      { reason: 'Error', message: 'init container mesh: exit code 1, restarts: 2; no route' },
    ],
    [
      'that has just failed',
      status({ state: failed(1) }),
      { reason: 'Error', message: 'init container mesh: exit code 1, restarts: 2' },
    ],
    ['that has completed', status({ state: failed(0) }), undefined],
    ['that runs', status({ state: { running: {} }, lastState: failed(1) }), undefined],
    ['that starts', status({ state: waiting('PodInitializing') }), undefined],
    [
      'that failed before the process started',
      status({ state: failed(1) }, { ...starting, state: { running: {} } }),
      undefined,
    ],
  ])('%s', (_what, observed, expected) => {
    expect(observePod(pod(observed), SILENT, NOW_MS)?.waiting).toEqual(expected);
  });
});

describe('ended', () => {
  it.each([
    [
      'with success, although it should run',
      container({ running: {} }, { terminated: { exitCode: 0, reason: 'Completed' } }),
      { reason: 'Completed', message: 'exit code 0, restarts: 1' },
    ],
    [
      'with the termination message of a service',
      container({ running: {} }, failed(78, 'SecretMissing: secret platform-ws has no file\n')),
      { reason: 'SecretMissing', message: 'secret platform-ws has no file (exit code 78, restarts: 1)' },
    ],
    [
      'with another message',
      container({}, failed(1, 'oops')),
      { reason: 'Error', message: 'exit code 1, restarts: 1; oops' },
    ],
    [
      'with the tail of a log',
      container(
        {},
        failed(1, '"msg":"cut off"}\n{"level":"info","msg":"lost \\"a\\""}\n{"level":"info","msg":"started"}\n'),
      ),
      { reason: 'Error', message: 'exit code 1, restarts: 1; its last log line: started' },
    ],
    [
      'with a log of lines that are no JSON',
      container({}, failed(1, 'one\ntwo\n')),
      { reason: 'Error', message: 'exit code 1, restarts: 1; two' },
    ],
    [
      'with a stack trace',
      container({}, failed(1, "node:internal\n  throw err;\n\nError: Cannot find module 'x'\n    at y")),
      { reason: 'Error', message: "exit code 1, restarts: 1; Error: Cannot find module 'x'" },
    ],
    ['without a message', container({}, failed(143)), { reason: 'Error', message: 'exit code 143, restarts: 1' }],
    [
      'for want of memory',
      container({}, { terminated: { exitCode: 137, reason: 'OOMKilled' } }),
      { reason: 'OOMKilled', message: 'exit code 137, restarts: 1' },
    ],
    [
      'again: the newer end counts',
      container(failed(2), failed(1)),
      { reason: 'Error', message: 'exit code 2, restarts: 1' },
    ],
    ['never', container({ running: {} }), undefined],
  ])('%s', (_what, status, ended) => {
    expect(observePod(pod(status), SILENT, NOW_MS)?.ended).toEqual(ended);
  });

  it('is no problem of a Job that succeeds', () => {
    const job = { labels: { 'tradingstack.dev/service': 'migrations' } };
    const containers = (exitCode: number) => ({
      containerStatuses: [{ name: 'migrations', restartCount: 0, state: failed(exitCode), lastState: {} }],
    });
    expect(observePod(pod(containers(0), job), SILENT, NOW_MS)?.ended).toBeUndefined();
    expect(observePod(pod(containers(1), job), SILENT, NOW_MS)?.ended).toMatchObject({ reason: 'Error' });
  });
});

describe('endedRecently', () => {
  const runningFor = (seconds: number) => ({
    running: { startedAt: new Date(NOW_MS - seconds * 1_000).toISOString() },
  });
  it.each([
    ['a process that has never ended', container(runningFor(1)), false],
    ['a pod without containers', {}, false],
    ['a process that is down', container(failed(1)), true],
    ['a process that is down again', container(failed(1), failed(1)), true],
    ['a process that was restarted a moment ago', container(runningFor(2), failed(1)), true],
    ['a process that has run for long enough', container(runningFor(10), failed(1)), false],
    ['a process that was restarted an hour ago', container(runningFor(3_600), failed(1)), false],
    ['a node whose clock is a second ahead', container(runningFor(-1), failed(1)), true],
    ['a node whose clock is an hour ahead', container(runningFor(-3_600), failed(1)), false],
    ['a process whose start is not known', container({ running: {} }, failed(1)), false],
    ['a process that waits for its restart', container({ waiting: { reason: 'CrashLoopBackOff' } }, failed(1)), false],
  ])('of %s', (_what, status, expected) => {
    expect(observePod(pod(status), SILENT, NOW_MS)?.endedRecently).toBe(expected);
  });
});
