import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort, installPackage, startNativeServer, type NativeServer } from './native-server.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** Stack ID of the services under test. */
  readonly stack: string;
}

export interface PrivateRedis {
  readonly options: RedisAddress;
  /** kill -9. */
  kill(): Promise<void>;
  /** Restarts it on the same port with the same data, or without data when `forget` is set. */
  restart(options?: { readonly forget?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a private Redis with AOF (everysec) that a test may kill. `args` are additional options of redis-server. */
export async function startPrivateRedis(args: readonly string[] = []): Promise<PrivateRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'tradingstack-redis-'));
  const program = await redisProgram(directory);
  const options = { host: '127.0.0.1', port: await freePort(), username: 'default', password: 'test', stack: 'test-1' };
  const start = async (): Promise<NativeServer> =>
    await startNativeServer({
      command: program,
      args: [...redisArguments(options, directory), ...args],
      user: undefined,
      port: options.port,
    });
  let server = await start();
  return {
    options,
    kill: async () => await server.kill(),
    restart: async ({ forget = false } = {}) => {
      await server.kill();
      if (forget) rmSync(join(directory, 'appendonlydir'), { recursive: true, force: true });
      server = await start();
    },
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function redisArguments(options: RedisAddress, directory: string): string[] {
  const settings = {
    bind: options.host,
    port: options.port,
    requirepass: options.password,
    dir: directory,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    databases: 1024,
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/**
 * Returns the path of redis-server on this machine. Debian's package redis-server starts a daemon. Its package
 * redis-tools contains the same binary as redis-check-rdb and starts no daemon. The binary acts by the name it is
 * called with, so a link named redis-server is enough.
 */
async function redisProgram(directory: string): Promise<string> {
  const server = findProgram('redis-server');
  if (server !== undefined) return server;
  if (findProgram('redis-check-rdb') === undefined) await installPackage('redis-tools', 'no redis-server in PATH');
  const checker = findProgram('redis-check-rdb');
  if (checker === undefined) throw new Error('the package redis-tools installed no redis-check-rdb');
  const link = join(directory, 'redis-server');
  symlinkSync(checker, link);
  return link;
}
