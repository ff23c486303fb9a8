import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';
import { clusterPaths } from '../../cluster/cluster-paths.ts';
import { readConfig } from '../../cluster/config.ts';
import { ensureApiServerPrograms, type ApiServerPrograms } from '../../cluster/embedded/toolchain.ts';
import { createProgress } from '../../cluster/process/step.ts';
import { auditArguments, auditLogOf, readAuditLog, writeAuditPolicy, type ApiRequest } from './audit-log.ts';
import { freePort, startNativeServer, type NativeServer } from '../stores/native-server.ts';

export interface PrivateApiServer {
  /** Administrator's kubeconfig (JSON). */
  readonly kubeconfig: string;
  readonly etcdUrl: string;
  /** Path of the log of its requests, one JSON event a line. The file is there only if they are recorded. */
  readonly auditLog: string;
  /** Returns the requests of a user that the server did not forbid. Empty unless they are recorded. */
  requestsOf(user: string): Promise<readonly ApiRequest[]>;
  stop(): Promise<void>;
}

export interface PrivateApiServerOptions {
  /** Whether requests are recorded. Default: false. */
  readonly recorded?: boolean;
  /** Admission plugins besides the default ones. */
  readonly admissionPlugins?: readonly string[];
}

const run = promisify(execFile);

/** Starts etcd and kube-apiserver, the parts of Kubernetes that a controller talks to, without nodes or controllers. */
export async function startPrivateApiServer(options: PrivateApiServerOptions = {}): Promise<PrivateApiServer> {
  const programs = await findPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'kube-api-server-'));
  const servers: NativeServer[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers.splice(0).reverse()) await server.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await makeCertificates(folder);
    const etcd = await startEtcd(programs, folder);
    servers.push(etcd.server);
    const port = await freePort();
    await writeAuditPolicy(folder);
    const args = [...apiServerArguments(folder, etcd.url, port), ...optionalArguments(folder, options)];
    servers.push(await startNativeServer({ command: programs.kubeApiserver, args, user: undefined, port }));
    await untilReady(folder, port);
    const requestsOf = async (user: string): Promise<readonly ApiRequest[]> =>
      options.recorded === true ? await readAuditLog(folder, user) : [];
    const kubeconfig = await kubeconfigFor(folder, port);
    return { kubeconfig, etcdUrl: etcd.url, auditLog: auditLogOf(folder), requestsOf, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns the programs of the local cluster, built on first use. */
async function findPrograms(): Promise<ApiServerPrograms> {
  const paths = clusterPaths(readConfig().cacheDirectory);
  const write = (text: string): unknown => process.stderr.write(text);
  return ensureApiServerPrograms(paths, createProgress({ write, interactive: false, logDirectory: paths.logs }));
}

async function startEtcd(
  programs: ApiServerPrograms,
  folder: string,
): Promise<{ readonly url: string; readonly server: NativeServer }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const peerUrl = `http://127.0.0.1:${await freePort()}`;
  const args = [
    '--name=test',
    `--data-dir=${join(folder, 'etcd')}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=test=${peerUrl}`,
  ];
  return { url, server: await startNativeServer({ command: programs.etcd, args, user: undefined, port }) };
}

function apiServerArguments(folder: string, etcdUrl: string, port: number): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // The endpoint reconciler would write the loopback address into an Endpoints object, which the API rejects.
    '--endpoint-reconciler-type=none',
    // Every stack of every test file has ten Services or more, and nothing deletes them.
    '--service-cluster-ip-range=198.19.0.0/16',
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    // Without a controller manager there is no default service account, and no test runs a pod.
    '--disable-admission-plugins=ServiceAccount',
    `--tls-cert-file=${join(folder, 'server.crt')}`,
    `--tls-private-key-file=${join(folder, 'server.key')}`,
    `--client-ca-file=${join(folder, 'ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'server.crt')}`,
    `--service-account-signing-key-file=${join(folder, 'server.key')}`,
  ];
}

function optionalArguments(
  folder: string,
  { recorded = false, admissionPlugins = [] }: PrivateApiServerOptions,
): readonly string[] {
  const plugins = admissionPlugins.map((plugin) => `--enable-admission-plugins=${plugin}`);
  return [...(recorded ? auditArguments(folder) : []), ...plugins];
}

async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...parameters: string[]): Promise<unknown> => run('openssl', parameters, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '30',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=test-ca',
  );
  const identities = [
    { name: 'server', subject: '/CN=kube-apiserver', extensions: 'subjectAltName=IP:127.0.0.1' },
    { name: 'admin', subject: '/O=system:masters/CN=admin', extensions: 'extendedKeyUsage=clientAuth' },
  ];
  for (const { name, subject, extensions } of identities) {
    await writeFile(join(folder, `${name}.ext`), extensions);
    await openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const signed = ['-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30'];
    await openssl('x509', '-req', ...signed, '-extfile', `${name}.ext`, '-out', `${name}.crt`);
  }
}

async function kubeconfigFor(folder: string, port: number): Promise<string> {
  const base64 = (file: string): Promise<string> => readFile(join(folder, file), 'base64');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'test', server: `https://127.0.0.1:${port}`, caData: await base64('ca.crt'), skipTLSVerify: false },
    { name: 'admin', certData: await base64('admin.crt'), keyData: await base64('admin.key') },
  );
  return config.exportConfig();
}

/** One attempt to connect may take most of it, on a busy machine. */
const READY_WITHIN_MS = 150_000;

async function untilReady(folder: string, port: number): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: await readFile(join(folder, 'ca.crt')), timeout: READY_WITHIN_MS } });
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadlineMs) {
    const { statusCode, body } = await request(`https://127.0.0.1:${port}/readyz`, { dispatcher });
    await body.dump();
    if (statusCode === 200) {
      await dispatcher.close();
      return;
    }
    await delay(50);
  }
  throw new Error(`the API server at port ${port} did not become ready within ${READY_WITHIN_MS / 1_000} s`);
}
