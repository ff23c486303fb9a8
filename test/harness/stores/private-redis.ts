import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort, installPackage, startNativeServer, type NativeServer } from './native-server.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** Of the services under test. */
  readonly stack: string;
}

export interface PrivateRedis {
  readonly options: RedisAddress;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again on the same port and, unless told to `forget`, with the same data. */
  restart(options?: { readonly forget?: boolean }): Promise<void>;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** A Redis of one's own with AOF (everysec), to be killed and frozen at will. `args` are further options of redis-server. */
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
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    stop: async () => {
      server.thaw();
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
 * redis-server of the machine. Debian's package of it starts a daemon; its package redis-tools holds the same program under
 * the name of its checker and starts none, and the program behaves by the name that it is called by.
 */
async function redisProgram(directory: string): Promise<string> {
  const server = findProgram('redis-server');
  if (server !== undefined) return server;
  if (findProgram('redis-check-rdb') === undefined) await installPackage('redis-tools', 'no redis-server in PATH');
  const checker = findProgram('redis-check-rdb');
  if (checker === undefined) throw new Error('the package redis-tools brought no redis-check-rdb');
  const link = join(directory, 'redis-server');
  symlinkSync(checker, link);
  return link;
}
