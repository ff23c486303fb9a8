import { readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { isLockTimeout } from './errors.ts';

export type MigrationErrorCode =
  | 'NameInvalid'
  | 'NumberTaken'
  | 'ChecksumDiffers'
  | 'FileMissing'
  | 'OutOfOrder'
  | 'LockTaken'
  | 'StatementFailed';

/**
 * The migration files do not match the database, or a file failed. No part of that file was applied. LockTaken: another
 * session holds a lock that the file needs; it may succeed later.
 */
export class MigrationError extends Error {
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrationError';
    this.code = code;
  }
}

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly sql: string;
}

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * How long a file waits for a lock. Statements of services queue behind it meanwhile, also when a backup holds the lock
 * for an hour: so it waits for less than an intent does, and the file is tried again later.
 */
const LOCK_TIMEOUT_MS = 500;

/** `NNNNNN_<owner>_<what>.sql` */
const FILE = /^(\d{6})_([a-z0-9-]+)_([a-z0-9-]+)\.sql$/;
/**
 * Key of the advisory lock that allows one process at a time to migrate, or to grant rights. An arbitrary number that
 * must never change.
 */
export const LOCK = '7305416128';

/**
 * Migrates the database to the newest file of `directory`, each file in its own transaction, under an advisory lock.
 * Applied files must not change: their checksums are compared. Applied migrations beyond the newest file are left
 * alone, so that the previous release can be restored. Throws MigrationError.
 */
export async function migrate(options: {
  readonly pool: Pool;
  readonly directory: string;
  readonly log: Logger;
}): Promise<{ readonly applied: readonly string[]; readonly present: number }> {
  const { pool, directory, log } = options;
  const migrations = await readMigrations(directory);
  const client = await pool.connect();
  try {
    // Waiting for the migration of another process may exceed the statement timeout.
    await client.query(`SET statement_timeout = 0`);
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(CREATE_TABLE);
    const { rows } = await client.query<Applied>(
      'SELECT version, name, checksum FROM public.schema_migrations ORDER BY version',
    );
    const pending = pendingMigrations(migrations, rows);
    for (const migration of pending) await apply(client, migration, log);
    return { applied: pending.map(({ name }) => name), present: rows.length };
  } finally {
    // Closing the session releases the lock, whatever its state.
    client.release(true);
  }
}

const CREATE_TABLE = `
CREATE TABLE IF NOT EXISTS public.schema_migrations (
  version    integer     PRIMARY KEY,
  name       text        NOT NULL,
  checksum   text        NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)`;

/** Returns the highest number of the migration files. Throws MigrationError like `readMigrations`. */
export async function newestMigration(directory: string): Promise<number> {
  return (await readMigrations(directory)).at(-1)?.version ?? 0;
}

/** Returns the migration files in order. Throws MigrationError when a name is invalid or a number is used twice. */
export async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const match = FILE.exec(name);
    if (match === null) throw new MigrationError('NameInvalid', `${name} is not named NNNNNN_<owner>_<what>.sql`);
    const version = Number(match[1]);
    if (migrations.at(-1)?.version === version)
      throw new MigrationError('NumberTaken', `${name}: another file has this number`);
    const sql = await readFile(join(directory, name), 'utf8');
    migrations.push({ version, name, sql, checksum: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

/**
 * Returns the migrations that are not applied yet. Throws MigrationError when the applied ones do not match the files.
 */
export function pendingMigrations(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  checkApplied(migrations, applied);
  const newestApplied = applied.at(-1)?.version ?? 0;
  const done = new Set(applied.map(({ version }) => version));
  const pending = migrations.filter(({ version }) => !done.has(version));
  const late = pending.find(({ version }) => version < newestApplied);
  if (late !== undefined)
    throw new MigrationError('OutOfOrder', `${late.name} has a lower number than a migration that is already applied`);
  return pending;
}

function checkApplied(migrations: readonly Migration[], applied: readonly Applied[]): void {
  const files = new Map(migrations.map((migration) => [migration.version, migration]));
  const newestFile = migrations.at(-1)?.version ?? 0;
  for (const { version, name, checksum } of applied) {
    const file = files.get(version);
    if (file === undefined && version < newestFile) {
      throw new MigrationError('FileMissing', `${name} was applied, but its file is missing`);
    }
    if (file !== undefined && file.checksum !== checksum) {
      throw new MigrationError('ChecksumDiffers', `${file.name} was changed after it was applied`);
    }
  }
}

async function apply(client: PoolClient, { version, name, checksum, sql }: Migration, log: Logger): Promise<void> {
  const startedMs = performance.now();
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(sql);
    await client.query('INSERT INTO public.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)', [
      version,
      name,
      checksum,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    const code = isLockTimeout(error) ? 'LockTaken' : 'StatementFailed';
    throw new MigrationError(code, `${name}: ${messageOf(error)}`, { cause: error });
  }
  log.info({ migration: name, ms: Math.round(performance.now() - startedMs) }, 'migration applied');
}
