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
  /** ID of the stack. Every key of every command gets its prefix, so keys of other stacks are out of reach. */
  readonly stack: string;
  /** Connection name that CLIENT LIST shows. */
  readonly name: string;
  readonly log: Logger;
}

/** A server that does not answer for this long counts as unreachable, and the connection as dead. */
const SILENCE_MS = 5_000;
/** Maximum time that a blocking read may ask the server to wait. */
export const BLOCK_MS_MAX = 5_000;

/**
 * Creates a connection for commands. While it is down, every command fails at once, and a command whose reply was lost
 * fails too. Commands are never queued or resent, because the server may have executed them. It reconnects
 * automatically.
 */
export function createProducerClient(options: RedisOptions): RedisClient {
  return create(options, SILENCE_MS);
}

/**
 * Creates a connection for the blocking reads of one consumer (at most BLOCK_MS_MAX each), which would delay every
 * other command.
 */
export function createBlockingClient(options: RedisOptions): RedisClient {
  return create(options, BLOCK_MS_MAX + SILENCE_MS);
}

/** Returns a check that passes while the connection is up and authenticated. */
export function redisCheck(client: RedisClient): () => CheckResult {
  return () => {
    if (client.status === 'ready') return OK;
    const { host = '', port = 0 } = client.options;
    const why = lastErrors.get(client) ?? client.status;
    return failed('Disconnected', `no connection to Redis at ${host}:${port} (spec.redis): ${why}`);
  };
}

const POLL_MS = 50;

/**
 * Resolves once every connection is up or the signal is aborted. A command before that fails with a message that does
 * not name the cause.
 */
export async function untilConnected(
  clients: readonly RedisClient[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && clients.some(({ status }) => status !== 'ready')) await pause(clock, POLL_MS, signal);
}

/** Closes the connection without waiting for a server that may be unreachable. */
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
    // RESP2: replies have the same shape in every version of the server.
    protocol: 2,
    disableClientInfo: true,
    connectTimeout: SILENCE_MS,
    // Runs only while a command waits for its reply: detects a dead connection that was never closed.
    socketTimeout,
    // A resent XADD adds a second entry. Zero retries reject instead; the flag below alone would leave promises
    // pending.
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
