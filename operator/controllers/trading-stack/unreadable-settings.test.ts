import { expect, it } from 'vitest';
import { PRINTER_COLUMNS } from '../../api/v1alpha1/trading-stack/printer-columns.ts';
import {
  afterDecision,
  withWorkloadsUp,
  serviceRelease,
  stackObservation,
  senderReports,
} from '../../../test/fixtures/stack-observation.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';
import { observePod, type StoredPod } from './observe/pod.ts';

const TERMINATION_MESSAGE =
  'SettingsInvalid: settings document /etc/tradingstack/settings/settings.json, ' +
  'strategies.0.cooldownBars: expected number, received undefined';

/** Container status at each point of a crash loop: just ended, waiting for the next restart, and restarted. */
const ENDED = { exitCode: 78, reason: 'Error', message: TERMINATION_MESSAGE };
const STATES = [
  { state: { terminated: ENDED }, lastState: {} },
  { state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s' } }, lastState: { terminated: ENDED } },
  { state: { running: {} }, lastState: { terminated: ENDED } },
] as const;

function crashing(observation: Observation, containers: object): ObservedPod {
  const { hash } = serviceRelease(observation, 'signal');
  const metadata = {
    name: 'demo-signal-2',
    uid: 'new',
    resourceVersion: '1',
    labels: { 'tradingstack.dev/service': 'signal' },
    annotations: { 'tradingstack.dev/release': hash },
  };
  const containerStatuses = [{ name: 'signal', restartCount: 3, ...containers }];
  const status = { phase: 'Running', podIP: '10.0.0.2', containerStatuses } as NonNullable<StoredPod['status']>;
  const silent = { kind: 'Silent', message: 'no answer from /statusz: connect ECONNREFUSED' } as const;
  const pod = observePod({ apiVersion: 'v1', kind: 'Pod', metadata, status }, silent, observation.nowMs);
  if (pod === undefined) throw new Error('not a pod of signal');
  return pod;
}

/**
 * A new operator renders settings that the pinned image cannot parse: the old pod stays, and the new one keeps failing.
 */
function upgraded(containers: object): Observation {
  const before = runningStack();
  const spec = { rollout: { soakSeconds: 0 }, release: { image: 'registry.example.com/tradingstack:2', version: '2' } };
  const changed = { ...before, stack: { ...before.stack, spec: stackObservation({}, spec).stack.spec } };
  let current = changed;
  for (let index = 0; index < 12; index += 1) {
    const next = afterDecision(current, decideFor(current));
    const up = withWorkloadsUp(next, senderReports('active', 1));
    const deployments = up.deployments.map((item) => (item.service === 'signal' ? { ...item, pods: 2 } : item));
    const old = before.pods.filter(({ service }) => service === 'signal');
    const pods = [...up.pods.filter(({ service }) => service !== 'signal'), ...old, crashing(up, containers)];
    current = { ...up, deployments, pods, nowMs: next.nowMs + 1_000 };
  }
  return current;
}

it.each(STATES)('reports in kubectl get -o wide which setting the process cannot parse: %j', (containers) => {
  const { status } = upgraded(containers).stack;
  const message = TERMINATION_MESSAGE.replace(': ', ' - ');
  const line = `strategy/DeploymentAvailable signal: ${message} (exit code 78, restarts: 3)`;
  expect(status.blockedBy).toBe(`${line.slice(0, 139)}…`);
  expect(status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'SettingsInvalid',
    message: line,
  });
  const columns = PRINTER_COLUMNS.map(({ name, jsonPath }) => [name, jsonPath]);
  expect(columns).toContainEqual(['Blocked-By', '.status.blockedBy']);
  expect(columns).toContainEqual(['Message', '.status.conditions[?(@.type=="Ready")].message']);
});
