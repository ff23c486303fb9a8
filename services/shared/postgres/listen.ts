import { Socket } from 'node:net';
import { Client } from 'pg';
import type { Clock } from '../runtime/clock.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { pause } from '../runtime/periodic.ts';
import { backoffMs } from '../runtime/retry.ts';
import { untilAborted, type ServicePart } from '../runtime/service-part.ts';
import type { PoolOptions } from './pool.ts';

export interface ListenerOptions extends Pick<
  PoolOptions,
  'host' | 'port' | 'database' | 'user' | 'password' | 'applicationName'
> {
  /** A plain identifier. */
  readonly channel: string;
  /** Called for each notification, and after each connection: some may have been missed until then. */
  readonly onNotify: (payload: string | undefined) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const CONNECT_MS = 5_000;
/** How often the connection is tried. A half-open one would otherwise look like one without news. */
const PROBE_MS = 5_000;
/** How long the server may take to end the session. One that is stopped never does, and must not hold the process. */
const GOODBYE_MS = 500;

/**
 * Creates the part that listens on a channel of Postgres over a connection of its own, and reconnects. A notification
 * is a hint to read sooner: whoever listens also reads at intervals.
 */
export function createListener(options: ListenerOptions): ServicePart {
  const { channel, clock, log } = options;
  return {
    name: `listener ${channel}`,
    run: async (signal) => {
      for (let attempt = 1; !signal.aborted; attempt += 1) {
        const startedMs = clock.monotonicMs();
        await listen(options, signal).catch((error: unknown) => {
          if (!signal.aborted) log.warn({ channel, problem: messageOf(error) }, 'listening failed, reconnecting');
        });
        if (clock.monotonicMs() - startedMs > PROBE_MS) attempt = 1;
        await pause(clock, backoffMs(attempt, { minMs: 100, maxMs: 5_000 }, clock.random), signal);
      }
    },
  };
}

/** Listens until the signal fires. Rejects when the connection fails. */
async function listen(options: ListenerOptions, signal: AbortSignal): Promise<void> {
  const { host, port, database, user, password, applicationName, channel, onNotify, clock } = options;
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    host,
    port,
    database,
    user,
    password,
    application_name: `${applicationName} listener`,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
    keepAlive: true,
  });
  const broken = Promise.withResolvers<never>();
  // An end that nobody asked for is an error too.
  client.on('error', (error) => broken.reject(error));
  client.on('notification', ({ payload }) => onNotify(payload));
  const probe = async (): Promise<void> => {
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    onNotify(undefined);
    while (!signal.aborted) {
      await pause(clock, PROBE_MS, signal);
      await client.query('SELECT 1');
    }
  };
  try {
    await Promise.race([probe(), broken.promise, untilAborted(signal)]);
  } finally {
    broken.promise.catch(() => undefined);
    await leave(client, clock);
    socket.destroy();
  }
}

async function leave(client: Client, clock: Clock): Promise<void> {
  const left = new AbortController();
  await Promise.race([client.end().catch(() => undefined), pause(clock, GOODBYE_MS, left.signal)]);
  left.abort();
}
