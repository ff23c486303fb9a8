import { Redis } from 'ioredis';
import { keyPrefixOf } from '../contracts/keys.ts';
import type { Clock } from '../runtime/clock.ts';
import { failed, OK, type CheckResult } from '../runtime/health.ts';
import type { Logger } from '../runtime/logger.ts';
import { pause } from '../runtime/periodic.ts';
import { backoffMs } from '../runtime/retry.ts';

export type RedisClient = Redis;

export interface RedisOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly db?: number;
  /** Id of the stack: every key of every command gets its prefix, and what another stack wrote is out of reach. */
  readonly stack: string;
  /** Shown by CLIENT LIST. */
  readonly name: string;
  readonly log: Logger;
}

/** A server that answers nothing for this long is taken for gone, and the connection for dead. */
const SILENCE_MS = 5_000;
/** The longest that a blocking read may ask the server to wait. */
export const BLOCK_MS_MAX = 5_000;

/**
 * A connection for commands. While it is down every command fails at once, and one whose reply was lost fails too: nothing is
 * queued and nothing is sent a second time, because the server may have done it. It reconnects by itself.
 */
export function createProducerClient(options: RedisOptions): RedisClient {
  return create(options, SILENCE_MS);
}

/** A connection for one consumer's blocking reads (at most BLOCK_MS_MAX each), which would hold up every other command. */
export function createBlockingClient(options: RedisOptions): RedisClient {
  return create(options, BLOCK_MS_MAX + SILENCE_MS);
}

/** Whether the connection is up and the server has accepted us. */
export function redisCheck(client: RedisClient): () => CheckResult {
  return () => {
    if (client.status === 'ready') return OK;
    const { host = '', port = 0 } = client.options;
    const why = lastErrors.get(client) ?? client.status;
    return failed('Disconnected', `no connection to Redis at ${host}:${port} (spec.redis): ${why}`);
  };
}

const LOOK_AGAIN_MS = 50;

/** Resolves once every connection is up, or the signal is aborted: a command before that fails with words that tell nothing of the cause. */
export async function untilConnected(
  clients: readonly RedisClient[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && clients.some(({ status }) => status !== 'ready')) await pause(clock, LOOK_AGAIN_MS, signal);
}

/** Ends the connection without waiting for a server that may be gone. */
export async function closeClient(client: RedisClient): Promise<void> {
  client.disconnect();
  await Promise.resolve();
}

const lastErrors = new WeakMap<RedisClient, string>();

function create(options: RedisOptions, socketTimeout: number): RedisClient {
  const { host, port, username, password, db = 0, stack, name, log } = options;
  const client = new Redis({
    host,
    port,
    username,
    password,
    db,
    connectionName: name,
    keyPrefix: keyPrefixOf(stack),
    // RESP2: one shape of replies whatever the version of the server.
    protocol: 2,
    disableClientInfo: true,
    connectTimeout: SILENCE_MS,
    // Counted only while a command waits for its reply: finds a connection that is dead and was never closed.
    socketTimeout,
    // A resent XADD is a second entry. Zero retries reject instead; the flag below alone would leave promises hanging.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => backoffMs(attempt, { minMs: 50, maxMs: 2_000 }),
  });
  client.on('error', (error: Error) => {
    if (lastErrors.get(client) === error.message) return;
    lastErrors.set(client, error.message);
    log.warn({ client: name, host, port, err: error }, 'redis connection failed');
  });
  client.on('ready', () => {
    lastErrors.delete(client);
    log.info({ client: name, host, port }, 'redis connected');
  });
  return client;
}
