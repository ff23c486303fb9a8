import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { until } from '../until.ts';
import {
  findProgram,
  freePort,
  giveTo,
  installPackage,
  startNativeServer,
  unprivilegedUser,
  type NativeServer,
  type UnixUser,
} from './native-server.ts';

export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

export interface PrivatePostgres {
  /** Connection as superuser to the database `postgres`. */
  readonly options: PostgresAddress;
  /** kill -9. */
  kill(): Promise<void>;
  /** Restarts it on the same port with the same data. */
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/**
 * Starts a private Postgres that a test may kill and freeze. `settings` are additional settings of postgresql.conf, and
 * `disk` is the folder below which it keeps its data.
 */
export async function startPrivatePostgres(
  settings: Readonly<Record<string, string>> = {},
  disk = tmpdir(),
): Promise<PrivatePostgres> {
  const programs = await postgresPrograms();
  // Postgres refuses to run as root.
  const user = unprivilegedUser(['postgres', 'nobody']);
  const directory = mkdtempSync(join(disk, 'tradingstack-postgres-'));
  giveTo(user, directory);
  const options = {
    host: '127.0.0.1',
    port: await freePort(),
    database: 'postgres',
    user: 'postgres',
    password: 'test',
  };
  const data = join(directory, 'data');
  await initialise({ programs, directory, data, user, password: options.password });
  const start = async (): Promise<NativeServer> => {
    const server = await startNativeServer({
      command: join(programs, 'postgres'),
      args: ['-D', data, ...settingArguments({ ...SETTINGS, ...settings, port: String(options.port) }, directory)],
      user,
      port: options.port,
    });
    await until(async () => await answers(options), 30_000);
    return server;
  };
  let server = await start();
  return {
    options,
    kill: async () => await server.kill(),
    restart: async () => {
      await server.kill();
      server = await start();
    },
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    stop: async () => {
      server.thaw();
      // SIGINT requests a fast shutdown: it ends the sessions and shuts down cleanly.
      await server.stop('SIGINT');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  max_connections: '200',
  shared_buffers: '32MB',
  log_min_messages: 'log',
  track_commit_timestamp: 'on',
};

function settingArguments(settings: Readonly<Record<string, string>>, directory: string): readonly string[] {
  const all = { ...settings, unix_socket_directories: directory };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Whether it accepts queries. It listens before recovery has finished. */
async function answers(options: PostgresAddress): Promise<boolean> {
  const client = new Client(options);
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

async function initialise(options: {
  readonly programs: string;
  readonly directory: string;
  readonly data: string;
  readonly user: UnixUser | undefined;
  readonly password: string;
}): Promise<void> {
  const { programs, directory, data, user, password } = options;
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(user, passwordFile);
  const args = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8'];
  await promisify(execFile)(join(programs, 'initdb'), [...args, '--locale=C', '--no-sync', '--no-instructions'], {
    ...user,
    cwd: directory,
  });
}

const DEBIAN_PROGRAMS = '/usr/lib/postgresql';

/** Returns the directory of initdb and postgres: Debian's newest version, or the one in PATH. */
async function postgresPrograms(): Promise<string> {
  const found = installedPrograms();
  if (found !== undefined) return found;
  // Without this setting Debian's package creates a cluster and starts it as a daemon.
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    mkdirSync('/etc/postgresql-common/createcluster.d', { recursive: true });
    writeFileSync('/etc/postgresql-common/createcluster.d/no-main-cluster.conf', 'create_main_cluster = false\n');
  }
  await installPackage('postgresql', 'no postgres with initdb found');
  const installed = installedPrograms();
  if (installed === undefined) throw new Error(`the package postgresql installed no initdb below ${DEBIAN_PROGRAMS}`);
  return installed;
}

function installedPrograms(): string | undefined {
  const versions = existsSync(DEBIAN_PROGRAMS) ? readdirSync(DEBIAN_PROGRAMS) : [];
  const newest = versions.sort((left, right) => Number(right) - Number(left));
  const initdb = findProgram(
    'initdb',
    newest.map((version) => join(DEBIAN_PROGRAMS, version, 'bin')),
  );
  return initdb === undefined ? undefined : join(initdb, '..');
}
