import type { z } from 'zod';
import { DATABASE } from '../../../services/shared/contracts/database.ts';
import { PluginError } from '../call/plugin-error.ts';
import { required } from '../cluster/attempt.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { StoredStack } from '../cluster/read-stack.ts';
import type { RunProgram } from '../cluster/run-program.ts';
import { mayExecute } from '../cluster/who-am-i.ts';

/** A statement on the record. It returns one row with one JSON value; psql fills in `:'stack'` and `:limit`. */
export interface RecordQuery<T> {
  readonly sql: string;
  readonly schema: z.ZodType<T>;
}

export interface RecordAccess {
  readonly cluster: Cluster;
  readonly stack: StoredStack;
  readonly runProgram: RunProgram;
}

/**
 * Reads the record of a stack with psql in the pod of the platform's Postgres. No process and no object has the orders
 * and the ledger, and no password leaves the pod. The session is read-only. Rejects with PluginError.
 */
export async function queryRecord<T>(
  { sql, schema }: RecordQuery<T>,
  limit: number,
  { cluster, stack, runProgram }: RecordAccess,
): Promise<T> {
  const { host, database } = postgresOf(stack.spec);
  const id = stackIdOf(stack);
  if (host !== 'postgres') throw new PluginError('NotFound', elsewhere(host, { sql, id, limit }));
  const { namespace, kubectlFlags } = cluster;
  const right = { verb: 'review', what: 'your right to create pods/exec', where: `in namespace ${namespace}` };
  if (!(await required(right, mayExecute(cluster))))
    throw new PluginError(
      'Forbidden',
      `you may not create pods/exec in namespace ${namespace}: only Postgres has this, and psql runs in its pod`,
    );
  const pod = ['-n', namespace, 'exec', '-i', 'postgres-0', '-c', 'postgres', '--'];
  const { exitCode, output, problems } = await runProgram(
    'kubectl',
    [...kubectlFlags, ...pod, ...psqlCommand({ id, limit, database })],
    sql,
  );
  if (exitCode === undefined)
    throw new PluginError(
      'Unavailable',
      `kubectl could not be started: ${problems}. It must be on the PATH to read the database`,
    );
  if (exitCode !== 0)
    throw new PluginError(
      'Unavailable',
      `psql in pod postgres-0 in namespace ${namespace} failed: ${problems.trim() || `exit code ${exitCode}`}`,
    );
  return parsed(output, schema);
}

/** ID of a stack in the database: its name and the start of its uid. */
export function stackIdOf({ metadata }: StoredStack): string {
  return `${metadata.name}-${metadata.uid.slice(0, 8)}`;
}

/** Connects over the pod's socket, as docs/runbook.md does. */
export function psqlCommand({
  id,
  limit,
  database,
}: {
  readonly id: string;
  readonly limit: number;
  readonly database: string;
}): readonly string[] {
  const options = 'PGOPTIONS=-c default_transaction_read_only=on -c statement_timeout=10s';
  const variables = ['-v', 'ON_ERROR_STOP=1', '-v', `stack=${id}`, '-v', `limit=${limit}`];
  return [
    'env',
    options,
    'psql',
    '-h',
    '/run/postgres',
    '-U',
    'postgres',
    '-d',
    database,
    '-qAtX',
    ...variables,
    '-f',
    '-',
  ];
}

function postgresOf(spec: unknown): { readonly host: string; readonly database: string } {
  const { postgres = {} } = (spec ?? {}) as {
    readonly postgres?: { readonly host?: string; readonly database?: string };
  };
  return { host: postgres.host ?? 'postgres', database: postgres.database ?? DATABASE };
}

function elsewhere(
  host: string,
  { sql, id, limit }: { readonly sql: string; readonly id: string; readonly limit: number },
): string {
  return [
    `spec.postgres.host is "${host}", and this program reads only the Postgres of charts/platform, with psql in its pod.`,
    `Run this there, with psql -v stack=${id} -v limit=${limit}:`,
    sql.trim(),
  ].join('\n');
}

function parsed<T>(output: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(output));
  } catch (error) {
    throw new PluginError(
      'Unavailable',
      'the answer of the database is not understood: its schema is of another version',
      {
        cause: error,
      },
    );
  }
}
