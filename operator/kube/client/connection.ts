import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent } from 'undici';
import type { Clock } from '../../../services/shared/runtime/clock.ts';
import { KubeError } from './kube-error.ts';

/** Sockets, address and credentials for one call. */
export interface Access {
  readonly origin: string;
  /** Path in front of every API path, for servers behind a proxy; without a trailing slash. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For calls: few, shared connections. */
  readonly calls: Agent;
  /** For watches: each holds a connection for minutes, so that they never starve calls. */
  readonly watches: Agent;
}

export interface Connection {
  current(): Promise<Access>;
  /** Reads every credential again, once for all callers that were refused with the same `stale` one. */
  reload(stale: Access): Promise<Access>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly maxConnections: number;
}

/** Tokens in a pod are rotated an hour early; client-go re-reads each minute too. */
const CREDENTIALS_LIVE_MS = 60_000;

/**
 * Keeps one pair of agents for as long as server, CA and certificate stay the same. client-node itself makes an agent a
 * request (2.0.1 `src/config.ts` createDispatcher), so that no connection is ever used twice.
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
      // Calls in flight finish on the old sockets; nothing new starts on them.
      void Promise.allSettled([old?.calls.close(), old?.watches.close()]);
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
      await Promise.allSettled([access?.calls.destroy(), access?.watches.destroy()]);
    },
  };
}

function serverOf(kubeConfig: KubeConfig): string {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new KubeError('Unavailable', 'the kubeconfig has no current cluster');
  if (cluster.proxyUrl !== undefined) throw new KubeError('Unavailable', 'proxy-url of a kubeconfig is not supported');
  return cluster.server;
}

/**
 * client-node keeps tokens in its authenticators for a minute (file) or to their exact expiry (exec). A fresh KubeConfig
 * over the same entries has none kept, so reading through one is a forced reload.
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

function agentsFor(options: RequestOptions, maxConnections: number): Pick<Access, 'calls' | 'watches'> {
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const tls = Object.fromEntries(
    Object.entries({ ca, cert, key, servername, rejectUnauthorized }).filter(([, value]) => value !== undefined),
  );
  const shared = {
    // One lost HTTP/2 connection would take every watch and call with it.
    allowH2: false,
    // Each call carries its own deadline and each watch its own watchdog.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    connect: { ...tls, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 },
  };
  return { calls: new Agent({ ...shared, connections: maxConnections }), watches: new Agent(shared) };
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
