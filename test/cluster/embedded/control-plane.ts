import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { runCommand, succeeds } from '../process/run-command.ts';
import { waitUntil } from '../process/wait-until.ts';
import { addresses } from './addresses.ts';
import type { EmbeddedSettings } from './embedded-settings.ts';
import { ensureProcess, requireAlive } from './host/processes.ts';

/** Starts etcd and the API server, and waits until the API server is ready. */
export async function startApiServer(settings: EmbeddedSettings): Promise<void> {
  const { state, bin, ports } = settings;
  await ensureProcess(state, {
    name: 'etcd',
    binary: join(bin, 'etcd'),
    args: etcdArguments(join(state, 'etcd'), ports),
    ports: [
      { port: ports.etcd, setting: 'CLUSTER_ETCD_PORT' },
      { port: ports.etcdPeer, setting: 'CLUSTER_ETCD_PORT' },
    ],
  });
  writeFileSync(join(state, 'audit-policy.json'), auditPolicy);
  await ensureProcess(state, {
    name: 'apiserver',
    binary: join(bin, 'kube-apiserver'),
    args: apiServerArguments(settings),
    files: [join(state, 'audit-policy.json'), join(state, 'pki', 'apiserver.crt')],
    ports: [{ port: ports.api, setting: 'CLUSTER_API_PORT' }],
  });
  await waitUntil('the API server is ready', () => isReady(settings), {
    seconds: 60,
    stillPossible: () => ['etcd', 'apiserver'].forEach((name) => requireAlive(state, name)),
  });
}

/** Starts what acts on the API's objects. */
export async function startControllers(settings: EmbeddedSettings): Promise<void> {
  const { state, bin } = settings;
  const pki = join(state, 'pki');
  const identity = (name: string) => {
    const kubeconfig = join(pki, `${name}.kubeconfig`);
    const uses = ['--kubeconfig', '--authentication-kubeconfig', '--authorization-kubeconfig'];
    return [...uses.map((flag) => `${flag}=${kubeconfig}`), '--leader-elect=false', '--bind-address=127.0.0.1'];
  };
  await ensureProcess(state, {
    name: 'controller-manager',
    binary: join(bin, 'kube-controller-manager'),
    args: [
      ...identity('controller-manager'),
      `--root-ca-file=${join(pki, 'ca.crt')}`,
      `--service-account-private-key-file=${join(pki, 'service-account.key')}`,
      '--use-service-account-credentials=true',
    ],
    files: [join(pki, 'controller-manager.kubeconfig')],
    ports: [{ port: 10_257 }],
  });
  await ensureProcess(state, {
    name: 'scheduler',
    binary: join(bin, 'kube-scheduler'),
    args: identity('scheduler'),
    files: [join(pki, 'scheduler.kubeconfig')],
    ports: [{ port: 10_259 }],
  });
}

export async function isReady(settings: EmbeddedSettings): Promise<boolean> {
  return succeeds(join(settings.bin, 'kubectl'), ['--kubeconfig', settings.kubeconfig, 'get', '--raw', '/readyz'], {
    timeoutMs: 5000,
  });
}

/** Runs kubectl as the administrator of the embedded cluster. */
export async function kubectl(settings: EmbeddedSettings, args: readonly string[], input = ''): Promise<string> {
  return runCommand(join(settings.bin, 'kubectl'), ['--kubeconfig', settings.kubeconfig, ...args], { input });
}

/**
 * No fsync: what a killed process wrote is in the page cache still, and this database does not have to survive a power
 * cut.
 */
export function etcdArguments(
  dataDirectory: string,
  ports: { readonly etcd: number; readonly etcdPeer: number },
): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    '--name=local',
    `--data-dir=${dataDirectory}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=local=${peer}`,
  ];
}

/**
 * Logs one line per request, with its user and the rule that allowed it. `npm run cluster -- logs audit` prints it.
 */
const auditPolicy = JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
});

function apiServerArguments(settings: EmbeddedSettings): string[] {
  const pki = (file: string) => join(settings.state, 'pki', file);
  return [
    `--etcd-servers=http://127.0.0.1:${settings.ports.etcd}`,
    `--secure-port=${settings.ports.api}`,
    '--bind-address=0.0.0.0',
    `--advertise-address=${addresses.node}`,
    `--service-cluster-ip-range=${addresses.services}`,
    '--authorization-mode=Node,RBAC',
    '--anonymous-auth=false',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--tls-cert-file=${pki('apiserver.crt')}`,
    `--tls-private-key-file=${pki('apiserver.key')}`,
    `--client-ca-file=${pki('ca.crt')}`,
    `--service-account-issuer=https://kubernetes.default.svc.${addresses.clusterDomain}`,
    `--service-account-key-file=${pki('service-account.pub')}`,
    `--service-account-signing-key-file=${pki('service-account.key')}`,
    `--kubelet-client-certificate=${pki('kubelet-client.crt')}`,
    `--kubelet-client-key=${pki('kubelet-client.key')}`,
    `--kubelet-certificate-authority=${pki('ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    // Client and front-proxy certificates share an authority, so the name decides which is which.
    `--requestheader-client-ca-file=${pki('ca.crt')}`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki('front-proxy.crt')}`,
    `--proxy-client-key-file=${pki('front-proxy.key')}`,
    `--audit-policy-file=${join(settings.state, 'audit-policy.json')}`,
    `--audit-log-path=${join(settings.state, 'log', 'audit.log')}`,
    '--audit-log-maxsize=200',
    '--audit-log-maxbackup=1',
  ];
}
