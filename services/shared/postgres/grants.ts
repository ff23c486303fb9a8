import { escapeIdentifier, type Pool } from 'pg';
import { CATALOGUE, databaseRoleOf, type CatalogueRow } from '../contracts/catalogue.ts';
import { DATABASE_SCHEMAS } from '../contracts/database.ts';
import type { DatabaseGrant } from '../contracts/service-row.ts';
import { LOCK } from './migrate.ts';
import type { Queryable } from './pool.ts';
import { transaction } from './transaction.ts';

/** A role of a service is missing. The platform creates roles; the migrations only grant them rights. */
export class RoleMissingError extends Error {
  readonly code = 'RoleMissing';
  readonly roles: readonly string[];

  constructor(roles: readonly string[]) {
    super(`database roles do not exist: ${roles.join(', ')}; the platform chart creates them`);
    this.name = 'RoleMissingError';
    this.roles = roles;
  }
}

/** `Exact`: the roles have these rights and no others. `Added`: they keep all others, which a newer release granted. */
export type GrantOutcome = 'Exact' | 'Added';

/**
 * Grants the role of each service the rights of its catalogue row, in one transaction. All others are revoked, so a
 * right removed from the catalogue is removed from the database: unless it has migrations beyond `newest`, the highest
 * number that this release knows. A newer release has granted what its services need then, which may still run after a
 * rollback, or for another stack of the database. A release that changes rights therefore adds a migration: a test
 * requires it. Throws RoleMissingError before it changes anything.
 */
export async function applyGrants(
  pool: Pool,
  newest: number,
  rows: readonly CatalogueRow[] = CATALOGUE,
): Promise<GrantOutcome> {
  const services = rows.filter(({ database }) => database !== undefined && database.length > 0);
  return await transaction(pool, async (client) => {
    // A newer job may be migrating. The next statement sees what it has applied.
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await requireRoles(
      client,
      services.map(({ name }) => databaseRoleOf(name)),
    );
    const outcome = (await isBeyond(client, newest)) ? 'Added' : 'Exact';
    for (const row of services) for (const sql of grantStatements(row, outcome)) await client.query(sql);
    return outcome;
  });
}

/** Whether a release applied migrations with higher numbers. */
async function isBeyond(client: Queryable, newest: number): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM public.schema_migrations WHERE version > $1 LIMIT 1', [newest]);
  return rows.length > 0;
}

/** Returns the statements for one service, in order. */
export function grantStatements(row: CatalogueRow, outcome: GrantOutcome): readonly string[] {
  const role = escapeIdentifier(databaseRoleOf(row.name));
  const grants = row.database ?? [];
  const schemas = new Set(grants.map(({ on }) => schemaOf(on)));
  return [
    ...(outcome === 'Exact' ? DATABASE_SCHEMAS : []).flatMap((schema) => [
      `REVOKE ALL ON ALL TABLES IN SCHEMA ${escapeIdentifier(schema)} FROM ${role}`,
      `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${escapeIdentifier(schema)} FROM ${role}`,
      `REVOKE ALL ON SCHEMA ${escapeIdentifier(schema)} FROM ${role}`,
    ]),
    ...[...schemas].map((schema) => `GRANT USAGE ON SCHEMA ${escapeIdentifier(schema)} TO ${role}`),
    ...grants.map(({ on, privileges }) => `GRANT ${privileges.join(', ')} ON ${target({ on, privileges })} TO ${role}`),
  ];
}

function target({ on, privileges }: DatabaseGrant): string {
  const schema = escapeIdentifier(schemaOf(on));
  const table = on.slice(on.indexOf('.') + 1);
  if (privileges[0] === 'EXECUTE') return `FUNCTION ${schema}.${escapeIdentifier(table)}`;
  return table === '*' ? `ALL TABLES IN SCHEMA ${schema}` : `${schema}.${escapeIdentifier(table)}`;
}

function schemaOf(on: string): string {
  return on.slice(0, on.indexOf('.'));
}

async function requireRoles(client: Queryable, roles: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    'SELECT role FROM unnest($1::text[]) AS role WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) ORDER BY role',
    [roles],
  );
  if (rows.length > 0) throw new RoleMissingError(rows.map(({ role }) => role));
}
