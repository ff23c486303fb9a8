import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '../cluster-paths.ts';
import { runCommand } from '../process/run-command.ts';
import { addresses, contextName } from './addresses.ts';
import type { EmbeddedSettings } from './embedded-settings.ts';

interface Identity {
  readonly name: string;
  readonly subject: string;
  readonly names?: string;
  /** Gets a kubeconfig of its own. */
  readonly client?: boolean;
}

const apiNames = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  `kubernetes.default.svc.${addresses.clusterDomain}`,
  'localhost',
];

const identities: readonly Identity[] = [
  {
    name: 'apiserver',
    subject: '/CN=kube-apiserver',
    names: [
      ...apiNames.map((name) => `DNS:${name}`),
      ...['127.0.0.1', addresses.apiService, addresses.node].map((ip) => `IP:${ip}`),
    ].join(),
  },
  { name: 'admin', subject: '/O=system:masters/CN=admin', client: true },
  { name: 'kubelet-client', subject: '/O=system:masters/CN=kube-apiserver-kubelet-client' },
  { name: 'front-proxy', subject: '/CN=front-proxy' },
  { name: 'controller-manager', subject: '/CN=system:kube-controller-manager', client: true },
  { name: 'scheduler', subject: '/CN=system:kube-scheduler', client: true },
  { name: 'proxy', subject: '/CN=system:kube-proxy', client: true },
  {
    name: 'kubelet',
    subject: `/O=system:nodes/CN=system:node:${addresses.nodeName}`,
    names: `DNS:${addresses.nodeName},IP:${addresses.node}`,
    client: true,
  },
];

/** Makes the authority and every identity once; they are moved into place together, so none is ever half there. */
export async function ensureCertificates(settings: EmbeddedSettings, logFile: string): Promise<void> {
  const pki = join(settings.state, 'pki');
  if (!existsSync(pki)) {
    const fresh = `${pki}.new`;
    rmSync(fresh, { recursive: true, force: true });
    makeDirectories([fresh]);
    await makeAuthority(fresh, logFile);
    await Promise.all(identities.map((identity) => makeIdentity(fresh, identity, logFile)));
    renameSync(fresh, pki);
  }
  for (const { name } of identities.filter((identity) => identity.client === true)) {
    const path = name === 'admin' ? settings.kubeconfig : join(pki, `${name}.kubeconfig`);
    writeFileSync(path, renderKubeconfig(pki, name, settings.ports.api), { mode: 0o600 });
  }
}

/** A kubeconfig that holds its keys, so that it can be copied anywhere. */
function renderKubeconfig(pki: string, user: string, apiPort: number): string {
  const data = (file: string) => readFileSync(join(pki, file)).toString('base64');
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: contextName,
        cluster: { server: `https://127.0.0.1:${apiPort}`, 'certificate-authority-data': data('ca.crt') },
      },
    ],
    users: [
      { name: user, user: { 'client-certificate-data': data(`${user}.crt`), 'client-key-data': data(`${user}.key`) } },
    ],
    contexts: [{ name: contextName, context: { cluster: contextName, user } }],
    'current-context': contextName,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

async function makeAuthority(pki: string, logFile: string): Promise<void> {
  const run = (args: string) => openssl(pki, args.split(' '), logFile);
  await run('ecparam -name prime256v1 -genkey -noout -out ca.key');
  await run('req -x509 -new -key ca.key -subj /CN=tradingstack-local -days 3650 -out ca.crt');
  await run('genrsa -out service-account.key 2048');
  await run('rsa -in service-account.key -pubout -out service-account.pub');
}

async function makeIdentity(pki: string, identity: Identity, logFile: string): Promise<void> {
  const { name, subject } = identity;
  const names = identity.names ?? `DNS:${name}`;
  writeFileSync(join(pki, `${name}.ext`), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  await openssl(pki, ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`], logFile);
  await openssl(pki, ['req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`], logFile);
  const sign = ['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '3650'];
  // Random serial numbers: the identities are signed at the same time and share no serial file.
  const serial = ['-set_serial', `0x${crypto.randomUUID().replaceAll('-', '')}`];
  await openssl(pki, [...sign, ...serial, '-out', `${name}.crt`, '-extfile', `${name}.ext`], logFile);
}

async function openssl(pki: string, args: readonly string[], logFile: string): Promise<void> {
  await runCommand('openssl', args, { cwd: pki, logFile });
}
