import { escapeLiteral, type Pool, type PoolClient } from 'pg';

/** Records the statements that new connections of the pool send, with the values of their last execution. */
export function recordStatements(pool: Pool): ReadonlyMap<string, readonly unknown[]> {
  const sent = new Map<string, readonly unknown[]>();
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    const recording = (...args: readonly unknown[]): unknown => {
      const [first, values] = args;
      if (typeof first === 'string') sent.set(first, Array.isArray(values) ? values : []);
      else {
        const { text, values: own = [] } = first as { readonly text: string; readonly values?: readonly unknown[] };
        sent.set(text, own);
      }
      return Reflect.apply(query, client, args);
    };
    Object.assign(client, { query: recording });
  });
  return sent;
}

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

/** A value as the driver would send it, of no type. */
function literalOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) return escapeLiteral(`{${value.map((one) => JSON.stringify(one)).join(',')}}`);
  if (value instanceof Date) return escapeLiteral(value.toISOString());
  return escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value));
}
