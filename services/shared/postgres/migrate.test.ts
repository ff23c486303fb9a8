import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogueRow } from '../contracts/catalogue.ts';
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
