import { escapeLiteral, type PoolClient } from 'pg';

export type Statement = readonly [text: string, values: readonly unknown[]];

/**
 * Explains a statement as the session plans it once it has prepared it, in a transaction that is rolled back. EXPLAIN
 * with parameters, without PREPARE, would plan for their values in any session. `options`: those of EXPLAIN. `T`: the
 * members of its JSON that are read.
 */
export async function explain<T>(client: PoolClient, [text, values]: Statement, options: string): Promise<T> {
  const given = values.length === 0 ? '' : `(${values.map(literalOf).join(', ')})`;
  await client.query('BEGIN');
  try {
    await client.query(`PREPARE explained AS ${text}`);
    const { rows } = await client.query<{ readonly 'QUERY PLAN': readonly [T] }>(
      `EXPLAIN (${options}, FORMAT JSON) EXECUTE explained${given}`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`no plan of ${text}`);
    return row['QUERY PLAN'][0];
  } finally {
    await client.query('ROLLBACK');
    await client.query('DEALLOCATE ALL');
  }
}

interface Cost {
  /** Pages of 8 KB that were read in tables and indexes, also by functions that the statement called. */
  readonly pages: number;
  /** Whether the server compiled it (JIT), because it expected many rows. */
  readonly compiled: boolean;
}

interface PlanCost {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly 'Node Type': string;
  readonly 'Subplan Name'?: string;
  readonly Plans?: readonly PlanCost[];
}

/** Executes a statement and returns what it took. */
export async function costOf(client: PoolClient, statement: Statement): Promise<Cost> {
  const { Plan, JIT } = await explain<{ readonly Plan: PlanCost; readonly JIT?: object }>(
    client,
    statement,
    'ANALYZE, BUFFERS, TIMING OFF',
  );
  return { pages: pagesOf(Plan), compiled: JIT !== undefined };
}

/** A plan includes what its parts read, except changes in a WITH that nothing refers to. */
function pagesOf({ Plans = [], ...plan }: PlanCost): number {
  const changes = Plans.filter((part) => part['Node Type'] === 'ModifyTable' && part['Subplan Name'] !== undefined);
  return changes.reduce((sum, part) => sum + pagesOf(part), plan['Shared Hit Blocks'] + plan['Shared Read Blocks']);
}

/** A value as the driver would send it, of no type. */
function literalOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) return escapeLiteral(`{${value.map((one) => JSON.stringify(one)).join(',')}}`);
  if (value instanceof Date) return escapeLiteral(value.toISOString());
  return escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value));
}
