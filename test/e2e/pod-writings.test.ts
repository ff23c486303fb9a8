import { expect, it } from 'vitest';
import type { Kubectl } from './kubectl.ts';
import { leakedSecrets } from '../judges/security/leaked-secrets.ts';
import { logged, logsOf, secretsIn, secretValues, writingsIn } from './pod-writings.ts';

const PASSWORD = 'correct-horse-battery';
const encoded = Buffer.from(PASSWORD).toString('base64');
const secrets = [
  { metadata: { name: 'platform-risk' }, type: 'Opaque', data: { 'postgres-password': encoded } },
  { metadata: { name: 'sh.helm.release.v1.platform.v1' }, type: 'helm.sh/release.v1', data: { release: encoded } },
  { metadata: { name: 'empty' }, type: 'Opaque' },
];
const ran = { terminated: { exitCode: 137 } };
const pod = {
  metadata: { name: 'risk-1', labels: { 'tradingstack.dev/service': 'risk' } },
  spec: { containers: [{ ports: [{ containerPort: 8002 }] }] },
  status: {
    phase: 'Running',
    initContainerStatuses: [{ name: 'wait', state: ran }],
    containerStatuses: [
      { name: 'risk', state: { running: {} }, lastState: ran },
      { name: 'new', state: { waiting: { reason: 'ContainerCreating' } }, lastState: {} },
    ],
  },
};

/** A cluster with one pod, in which one command or path answers with the password. */
function clusterLeakingAt(place: string): Pick<Kubectl, 'run' | 'json' | 'raw'> & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = async (command: string): Promise<string> => {
    asked.push(command);
    return await Promise.resolve(command.includes(place) ? `fine\nlogin as risk:${PASSWORD}\n` : 'fine\n');
  };
  return {
    asked,
    run: async (...args) => await answer(args.join(' ')),
    raw: answer,
    json: async <T>(...args: readonly string[]) =>
      await Promise.resolve({ items: args.includes('secrets') ? secrets : [pod] } as T),
  };
}

it('takes the values of our Secrets, and none of the Secrets of Helm', () => {
  expect(secretValues(secrets)).toEqual([{ name: 'platform-risk/postgres-password', value: PASSWORD }]);
});

it('reads the log of each process and of the one before it, and of none that has not started', () => {
  expect(logsOf(pod)).toEqual([
    { container: 'wait', previous: false },
    { container: 'risk', previous: false },
    { container: 'risk', previous: true },
  ]);
});

it.each([
  ['the log of an init container', '-c wait --previous=false', 'risk-1/wait, line 2'],
  ['a log', '-c risk --previous=false', 'risk-1/risk, line 2'],
  ['the log of the process before', '-c risk --previous=true', 'risk-1/risk before, line 2'],
  ['the status', '/pods/risk-1:8002/proxy/statusz', 'risk-1 /statusz, line 2'],
  ['the metrics', '/pods/risk-1:8002/proxy/metrics', 'risk-1 /metrics, line 2'],
  ['an object', 'configmaps', 'objects of trading, line 2'],
])('finds a password in %s', async (_where, place, found) => {
  const cluster = clusterLeakingAt(place);
  const kubectl = cluster as unknown as Kubectl;
  const leaks = leakedSecrets(await writingsIn(kubectl, 'trading'), await secretsIn(kubectl, 'trading'));
  expect(leaks).toEqual([`${found}: platform-risk/postgres-password: login as risk:***`]);
  expect(cluster.asked).toHaveLength(6);
});

it('takes as logged only what a container wrote into its log, now or before', () => {
  const metrics = { source: 'platform-signal-1 /metrics', text: 'up 1' };
  const empty = { source: 'platform-signal-1/signal', text: '\n' };
  const now = { source: 'platform-risk-1/risk', text: 'started\n' };
  const before = { source: 'platform-ws-1/ws before', text: 'stopped\n' };
  const objects = { source: 'objects of db-writer', text: '{}' };
  expect(logged([metrics, empty, now, before, objects, { ...now, source: 'platform-risk-2/risk' }])).toEqual([
    'risk',
    'ws',
  ]);
});
