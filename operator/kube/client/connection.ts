import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent } from 'undici';
import type { Clock } from '../../../services/shared/runtime/clock.ts';
import { KubeError } from './kube-error.ts';

/** Sockets, address and credentials of a call. */
export interface Access {
  readonly origin: string;
  /** Path prefix of every API path, for servers behind a proxy; without a trailing slash. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Agent for gets and lists, with few shared connections. */
  readonly reads: Agent;
  /** Agent for writes, with connections of their own, so that no write waits behind the lists of the caches. */
  readonly writes: Agent;
  /** Agent for watches. Each holds a connection for minutes, so a shared agent would starve calls. */
  readonly watches: Agent;
}

export interface Connection {
  /** Returns the current access, and re-reads the credentials once they are a minute old. */
  current(): Promise<Access>;
  /** Re-reads all credentials, once for all callers that the server rejected with the same `stale` access. */
  reload(stale: Access): Promise<Access>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  /** Of reads, and as many again of writes. */
  readonly maxConnections: number;
}

/** Tokens in a pod are rotated an hour before they expire. client-go also re-reads them every minute. */
const CREDENTIALS_LIVE_MS = 60_000;

/**
 * Keeps the same agents while server, CA and certificate stay the same. client-node itself creates an agent for each
 * request (2.0.1 `src/config.ts` createDispatcher), so it never reuses a connection.
 */
export function createConnection({ kubeConfig, clock, maxConnections }: ConnectionOptions): Connection {
  let access: Access | undefined;
  let fingerprint = '';
  let readAtMs = 0;
  let reading: Promise<Access> | undefined;

  async function read(): Promise<Access> {
    const options = await credentialsOf(kubeConfig);
    const { origin, pathname } = new URL(serverOf(kubeConfig));
    const print = fingerprintOf(origin, options);
    if (access === undefined || print !== fingerprint) {
      const old = access;
      access = { ...agentsFor(options, maxConnections), origin, prefix: pathname.replace(/\/$/u, ''), headers: {} };
      // Calls in flight finish on the old sockets; new calls use the new ones.
      void Promise.allSettled([old?.reads.close(), old?.writes.close(), old?.watches.close()]);
    }
    fingerprint = print;
    access = { ...access, headers: headersOf(options) };
    readAtMs = clock.monotonicMs();
    return access;
  }

  async function readOnce(): Promise<Access> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    current: async () =>
      access !== undefined && clock.monotonicMs() - readAtMs < CREDENTIALS_LIVE_MS ? access : readOnce(),
    reload: async (stale) => (access === undefined || access.headers === stale.headers ? readOnce() : access),
    close: async () => {
      await Promise.allSettled([access?.reads.destroy(), access?.writes.destroy(), access?.watches.destroy()]);
    },
  };
}

function serverOf(kubeConfig: KubeConfig): string {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null)
    throw new KubeError('Unavailable', 'the kubeconfig has no current cluster; set current-context');
  if (cluster.proxyUrl !== undefined)
    throw new KubeError('Unavailable', 'proxy-url in the kubeconfig is not supported; remove it');
  return cluster.server;
}

/**
 * client-node caches tokens in its authenticators for a minute (file) or until they expire (exec). A fresh KubeConfig
 * over the same entries has nothing cached, so reading through it forces a reload.
 */
async function credentialsOf(kubeConfig: KubeConfig): Promise<RequestOptions> {
  const fresh = new KubeConfig();
  fresh.loadFromOptions({
    clusters: kubeConfig.getClusters(),
    contexts: kubeConfig.getContexts(),
    users: kubeConfig.getUsers(),
    currentContext: kubeConfig.getCurrentContext(),
  });
  const options: RequestOptions = {};
  await fresh.applyToHTTPSOptions(options);
  return options;
}

function agentsFor(options: RequestOptions, maxConnections: number): Pick<Access, 'reads' | 'writes' | 'watches'> {
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const tls = Object.fromEntries(
    Object.entries({ ca, cert, key, servername, rejectUnauthorized }).filter(([, value]) => value !== undefined),
  );
  const shared = {
    // Losing a single HTTP/2 connection would break all calls and watches at once.
    allowH2: false,
    // Each call has its own deadline and each watch its own silence guard.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    connect: { ...tls, timeout: 10_000, keepAliveInitialDelay: 30_000 },
  };
  const limited = { ...shared, connections: maxConnections };
  return { reads: new Agent(limited), writes: new Agent(limited), watches: new Agent(shared) };
}

function fingerprintOf(origin: string, { ca, cert, key, servername }: RequestOptions): string {
  const hash = createHash('sha256');
  for (const part of [origin, ca, cert, key, servername]) hash.update(JSON.stringify(part ?? null)).update('\0');
  return hash.digest('hex');
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
  if (options.auth !== undefined && options.auth !== null) {
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}
