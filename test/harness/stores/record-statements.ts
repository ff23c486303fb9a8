import type { Pool } from 'pg';

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
