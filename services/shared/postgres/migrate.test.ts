import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, catalogueRow } from '../contracts/catalogue.ts';
import { DATABASE_SCHEMAS } from '../contracts/database.ts';
import { grantStatements } from './grants.ts';
import { pendingMigrations, readMigrations, type Migration } from './migrate.ts';

function migration(version: number, checksum = `c${version}`): Migration {
  return { version, checksum, name: `00000${version}_a_b.sql`, sql: '' };
}

describe('pendingMigrations', () => {
  it.each([
    { files: [1, 2, 3], applied: [] as number[], pending: [1, 2, 3] },
    { files: [1, 2, 3], applied: [1, 2], pending: [3] },
    { files: [1, 2], applied: [1, 2, 3], pending: [] },
  ])('files $files, applied $applied: returns $pending', ({ files, applied, pending }) => {
    const result = pendingMigrations(
      files.map((n) => migration(n)),
      applied.map((n) => migration(n)),
    );
    expect(result.map(({ version }) => version)).toEqual(pending);
  });

  it.each([
    { what: 'changed', files: [migration(1, 'new')], applied: [1], code: 'ChecksumDiffers' },
    { what: 'missing', files: [migration(2)], applied: [1], code: 'FileMissing' },
    { what: 'out of order', files: [migration(1), migration(2)], applied: [2], code: 'OutOfOrder' },
  ])('rejects a file that is $what', ({ files, applied, code }) => {
    expect(() =>
      pendingMigrations(
        files,
        applied.map((n) => migration(n)),
      ),
    ).toThrow(expect.objectContaining({ code }));
  });
});

describe('readMigrations', () => {
  it.each([
    ['an invalid file name', ['1_a.sql'], 'NameInvalid'],
    ['a duplicate number', ['000001_a_b.sql', '000001_b_a.sql'], 'NumberTaken'],
  ])('rejects %s', async (_what, names, code) => {
    const directory = mkdtempSync(join(tmpdir(), 'migrations-'));
    for (const name of names) writeFileSync(join(directory, name), 'SELECT 1');
    await expect(readMigrations(directory)).rejects.toMatchObject({ code });
  });
});

describe('the rights that the catalogue grants', () => {
  /** Their digest as of migration 44. A later migration that changes them has their digest in a line of its own. */
  const DIGEST_OF_44 = '030de4552669cb85';
  const NOTE = /^-- Grants: ([0-9a-f]{16})$/m;

  it('change only with a migration, by which jobs of older releases know the release as newer', async () => {
    const statements = CATALOGUE.flatMap((row) => grantStatements(row, 'Added')).toSorted();
    const digest = createHash('sha256').update(statements.join('\n')).digest('hex').slice(0, 16);
    const files = await readMigrations(fileURLToPath(new URL('migrations', import.meta.url)));
    const noted = files.flatMap(({ sql }) => NOTE.exec(sql)?.[1] ?? []).at(-1) ?? DIGEST_OF_44;
    expect(digest, 'the rights changed: add a migration with the line "-- Grants: <the digest received>"').toBe(noted);
  });
});

describe('grantStatements', () => {
  const row = { ...catalogueRow('db-writer'), database: [{ on: 'trading.*', privileges: ['SELECT'] }] } as const;
  const granted = [
    `GRANT USAGE ON SCHEMA "trading" TO "db_writer"`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA "trading" TO "db_writer"`,
  ];

  it('revokes all rights first, then grants those of the row', () => {
    const statements = grantStatements(row, 'Exact');
    expect(statements.slice(0, 3)).toEqual([
      `REVOKE ALL ON ALL TABLES IN SCHEMA "market_data" FROM "db_writer"`,
      `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA "market_data" FROM "db_writer"`,
      `REVOKE ALL ON SCHEMA "market_data" FROM "db_writer"`,
    ]);
    expect(statements.slice(3 * DATABASE_SCHEMAS.length)).toEqual(granted);
  });

  it('revokes nothing that a newer release has granted', () => {
    expect(grantStatements(row, 'Added')).toEqual(granted);
  });
});
