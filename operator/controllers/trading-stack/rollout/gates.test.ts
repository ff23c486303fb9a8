import { describe, expect, it } from 'vitest';
import { podOf, serviceRelease, stackObservation, senderReports } from '../../../../test/fixtures/stack-observation.ts';
import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import { GATE_MEANINGS } from '../../../explain/gate-meanings.ts';
import { GATES, SERVICE_GATES, type ServiceView } from './gates.ts';
import type { ObservedDeployment, ObservedPod } from '../observe/observation.ts';

const observation = stackObservation();
const pod = (service: ServiceName): ObservedPod => podOf(serviceRelease(observation, service));

function view(service: ServiceName, change: Partial<ServiceView> = {}): ServiceView {
  const release = serviceRelease(observation, service);
  return {
    release,
    desired: 1,
    deployment: available(),
    job: undefined,
    pods: [pod(service)],
    swap: undefined,
    ...change,
  };
}

function available(change: Partial<ObservedDeployment> = {}): ObservedDeployment {
  const counts = { replicas: 1, pods: 1, updated: 1, available: 1 };
  return {
    name: 'demo-ws',
    service: 'ws',
    release: '',
    selector: {},
    current: true,
    failure: undefined,
    ...counts,
    ...change,
  };
}

function job(change: object = {}): NonNullable<ServiceView['job']> {
  return { name: 'demo-migrations', service: 'migrations', complete: false, failure: undefined, ...change };
}

function silent(service: ServiceName, change: Partial<ObservedPod> = {}): ObservedPod {
  return { ...pod(service), ready: false, answer: { kind: 'Silent', message: 'refused' }, ...change };
}

function checks(service: ServiceName, ...all: readonly [name: string, ok: boolean, reason: string][]): ObservedPod {
  const list = all.map(([name, ok, reason]) => ({ name, ok, reason, message: ok ? '' : 'down' }));
  const statusz = { checks: list, ready: list.every(({ ok }) => ok) };
  return { ...podOf(serviceRelease(observation, service), statusz), ready: statusz.ready };
}

const CRASHED = { reason: 'SettingsInvalid', message: 'settings: symbols is absent' };

it('lists every gate that has a meaning, in the same order', () => {
  expect(GATES.map(({ name }) => name)).toEqual(Object.keys(GATE_MEANINGS));
});

it.each<[ServiceName, readonly string[]]>([
  ['migrations', ['JobComplete']],
  ['db-writer', ['DeploymentAvailable', 'PodsReportRelease', 'Ready']],
  ['ws', ['DeploymentAvailable', 'PodsReportRelease', 'Ready', 'FeedFresh']],
  ['execution', ['DeploymentAvailable', 'PodsReportRelease', 'Ready', 'SwapAllowed', 'SenderActive', 'SenderProven']],
])('applies to %s the gates %j', (service, names) => {
  const { row } = serviceRelease(observation, service);
  expect(SERVICE_GATES.filter(({ applies }) => applies(row)).map(({ name }) => name)).toEqual(names);
});

/** It has answered none of the last requests. */
function lost({ answer, ...rest }: ObservedPod): ObservedPod {
  return { ...rest, answer: { ...answer, missed: 2, lost: true } };
}

type Case = readonly [what: string, gate: string, view: ServiceView, reason: string | undefined, message?: string];

const CASES: readonly Case[] = [
  ['a complete job', 'JobComplete', view('migrations', { job: job({ complete: true }) }), undefined],
  ['no job', 'JobComplete', view('migrations'), 'NotCreated'],
  ['a running job', 'JobComplete', view('migrations', { job: job(), pods: [] }), 'JobRunning'],
  [
    'a job that waits for a dependency',
    'JobComplete',
    view('migrations', { job: job(), pods: [checks('migrations', ['database', false, 'PostgresUnavailable'])] }),
    'PostgresUnavailable',
    'database: down',
  ],
  [
    'a job whose process failed',
    'JobComplete',
    view('migrations', { job: job(), pods: [{ ...pod('migrations'), ended: CRASHED }] }),
    'SettingsInvalid',
    CRASHED.message,
  ],
  [
    'a job that gave up',
    'JobComplete',
    view('migrations', { job: job({ failure: { reason: 'BackoffLimitExceeded', message: 'too often' } }), pods: [] }),
    'BackoffLimitExceeded',
    'too often; delete the Job to try again',
  ],
  ['an available deployment', 'DeploymentAvailable', view('ws'), undefined],
  ['no deployment', 'DeploymentAvailable', view('ws', { deployment: undefined }), 'NotCreated'],
  [
    'a change that is not observed yet',
    'DeploymentAvailable',
    view('ws', { deployment: available({ current: false }) }),
    'NotObserved',
  ],
  ['pods of an older release', 'DeploymentAvailable', view('ws', { deployment: available({ pods: 2 }) }), 'OldPods'],
  [
    'pods that the server rejects',
    'DeploymentAvailable',
    view('ws', {
      deployment: available({
        updated: 0,
        available: 0,
        failure: { reason: 'FailedCreate', message: 'exceeded quota' },
      }),
    }),
    'FailedCreate',
    'exceeded quota',
  ],
  [
    'a missing image',
    'DeploymentAvailable',
    view('ws', {
      deployment: available({ available: 0 }),
      pods: [silent('ws', { waiting: { reason: 'ImagePullBackOff', message: 'not found' } })],
    }),
    'ImagePullBackOff',
    'not found',
  ],
  [
    'a process in a crash loop: reports its termination message',
    'DeploymentAvailable',
    view('ws', {
      deployment: available({ available: 0 }),
      pods: [silent('ws', { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' }, ended: CRASHED })],
    }),
    'SettingsInvalid',
    CRASHED.message,
  ],
  [
    'a pod that is not ready: reports its failing check',
    'DeploymentAvailable',
    view('ws', {
      deployment: available({ available: 0 }),
      pods: [checks('ws', ['redis', false, 'Disconnected'])],
    }),
    'Disconnected',
    'redis: down',
  ],
  [
    'an armed process of risk that fails another check: reports that one, because it is activated after it',
    'DeploymentAvailable',
    view('risk', {
      deployment: available({ available: 0 }),
      pods: [checks('risk', ['activation', false, 'ReleaseArmed'], ['feed', false, 'FeedStale'])],
    }),
    'FeedStale',
    'feed: down',
  ],
  [
    'an old process of risk that stands by beside the active one: reports the active one',
    'DeploymentAvailable',
    view('risk', {
      deployment: available({ pods: 2, available: 0 }),
      pods: [{ ...checks('risk', ['activation', false, 'ReleaseArmed']), release: 'before' }, pod('risk')],
    }),
    'PodsStarting',
    '0 of 1 pods available',
  ],
  [
    'starting pods',
    'DeploymentAvailable',
    view('ws', { deployment: available({ available: 0 }), pods: [] }),
    'PodsStarting',
    '0 of 1 pods available',
  ],
  [
    'an old pod that stays because the new one is in a crash loop: reports the new one',
    'DeploymentAvailable',
    view('ws', {
      deployment: available({ pods: 2 }),
      pods: [
        { ...pod('ws'), release: 'before' },
        silent('ws', { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' }, ended: CRASHED }),
      ],
    }),
    'SettingsInvalid',
    CRASHED.message,
  ],
  [
    'a failing old pod that is about to be replaced',
    'DeploymentAvailable',
    view('ws', {
      deployment: available({ pods: 2 }),
      pods: [pod('ws'), silent('ws', { release: 'before', ended: CRASHED })],
    }),
    'OldPods',
  ],
  [
    'a crash loop that is available for a moment',
    'DeploymentAvailable',
    view('ws', { pods: [{ ...pod('ws'), ended: CRASHED, endedRecently: true }] }),
    'SettingsInvalid',
    CRASHED.message,
  ],
  [
    'a crash loop in one of two pods that are both available',
    'DeploymentAvailable',
    view('ws', {
      desired: 2,
      deployment: available({ replicas: 2, pods: 2, updated: 2, available: 2 }),
      pods: [pod('ws'), { ...pod('ws'), ended: CRASHED, endedRecently: true }],
    }),
    'SettingsInvalid',
    CRASHED.message,
  ],
  ['a restart long ago', 'DeploymentAvailable', view('ws', { pods: [{ ...pod('ws'), ended: CRASHED }] }), undefined],
  [
    'a crash of an old pod beside a new one that starts: reports the new one first',
    'DeploymentAvailable',
    view('ws', {
      deployment: available({ pods: 2, available: 0 }),
      pods: [
        { ...pod('ws'), release: 'before', ended: CRASHED, endedRecently: true },
        silent('ws', { waiting: { reason: 'ImagePullBackOff', message: 'not found' } }),
      ],
    }),
    'ImagePullBackOff',
  ],
  ['the desired release', 'PodsReportRelease', view('ws'), undefined],
  ['no pods', 'PodsReportRelease', view('ws', { pods: [] }), 'NoPods'],
  ['a silent pod', 'PodsReportRelease', view('ws', { pods: [silent('ws')] }), 'NoAnswer', 'demo-ws-1: refused'],
  [
    'readiness of another release',
    'PodsReportRelease',
    view('ws', { pods: [podOf(serviceRelease(observation, 'ws'), { release: 'old' })] }),
    'OtherRelease',
    `demo-ws-1 runs service hash old instead of ${serviceRelease(observation, 'ws').hash}`,
  ],
  ['a ready pod', 'Ready', view('ws'), undefined],
  [
    'a failing check',
    'Ready',
    view('ws', { pods: [checks('ws', ['redis', false, 'Disconnected'])] }),
    'Disconnected',
    'redis: down',
  ],
  ['a silent pod', 'Ready', view('ws', { pods: [silent('ws')] }), 'NotReady'],
  ['a fresh feed', 'FeedFresh', view('ws'), undefined],
  ['no feed at all', 'FeedFresh', view('ws', { pods: [checks('ws', ['process', true, 'Ok'])] }), 'NoFeed'],
  ['no feed, only a like name', 'FeedFresh', view('ws', { pods: [checks('ws', ['feeds', true, 'Ok'])] }), 'NoFeed'],
  ['no pod with a feed', 'FeedFresh', view('ws', { pods: [] }), 'NoPods'],
  [
    'a stale feed',
    'FeedFresh',
    view('ws', { pods: [checks('ws', ['feed', false, 'FeedStale'])] }),
    'FeedStale',
    'feed: down',
  ],
  [
    'an active process',
    'SenderActive',
    view('execution', { pods: [senderReports('active', 1)(pod('execution'))] }),
    undefined,
  ],
  ['an armed process', 'SenderActive', view('execution'), 'SenderArmed', 'execution is armed'],
  [
    'an armed process that refused its activation',
    'SenderActive',
    view('execution', {
      pods: [{ ...pod('execution'), activation: { reason: 'ActivationRefused', message: 'HTTP 401' } }],
    }),
    'ActivationRefused',
    'HTTP 401',
  ],
  [
    'a process that refused an activation and accepted a later one',
    'SenderActive',
    view('execution', {
      pods: [
        {
          ...senderReports('activating', 1)(pod('execution')),
          activation: { reason: 'ActivationRefused', message: '' },
        },
      ],
    }),
    'SenderActivating',
  ],
  [
    'a fenced process',
    'SenderActive',
    view('execution', { pods: [senderReports('fenced', 1, 2)(pod('execution'))] }),
    'SenderFenced',
  ],
  ['no pod', 'SenderActive', view('execution', { pods: [] }), 'SenderSilent'],
  [
    'two active processes',
    'SenderActive',
    view('execution', {
      pods: [senderReports('active', 1)(pod('execution')), senderReports('active', 2)(pod('execution'))],
    }),
    'ManySenders',
  ],
  [
    'a sender that was lost, and is remembered as active',
    'SenderActive',
    view('execution', { pods: [lost(senderReports('active', 1)(pod('execution')))] }),
    'SenderSilent',
  ],
  [
    'the spare of a sender that was lost',
    'SenderActive',
    view('execution', {
      pods: [lost(senderReports('active', 1)(pod('execution'))), senderReports('active', 2)(pod('execution'))],
    }),
    undefined,
  ],
];

describe('gate', () => {
  it.each(CASES.map(([what, gate, ...rest]) => ({ what: `${gate}: ${what}`, gate, rest })))(
    '$what',
    ({ gate, rest }) => {
      const [seen, reason, message] = rest;
      const problem = SERVICE_GATES.find(({ name }) => name === gate)?.check(seen);
      expect(problem?.reason).toBe(reason);
      expect(message ?? problem?.message).toBe(problem?.message);
    },
  );
});
