/**
 * Queries for the evidence of one stack, the same for every kind of store. `stack` is an SQL expression: a parameter or
 * a quoted literal. An intent counts from its commit. The first event of an order is written in the same transaction
 * and never rewritten, so the transaction of its row is that of the intent. Postgres stamps a commit before it confirms
 * it, by the clock that the venue simulator on the same machine reads, so no tolerance is needed beyond the simulator's
 * resolution of a millisecond. For rows from before the server kept commit times, the sender's own timestamp is used,
 * and the history of such orders is not checked.
 */
export function evidenceQueries(stack: string) {
  return {
    orders: `SELECT o.client_order_id, o.epoch::text, o.state,
        ${msOf('coalesce(pg_xact_commit_timestamp(e.xmin), o.intended_at)')} AS intended_ms
      FROM trading.orders o JOIN trading.order_events e ON e.stack = o.stack AND e.client_order_id = o.client_order_id AND e.seq = 1
      WHERE o.stack = ${stack}`,
    trades: `SELECT venue_trade_id, client_order_id, symbol, side, price::text, quantity::text, fee::text, fee_asset
      FROM trading.trades WHERE stack = ${stack}`,
    positions: `SELECT symbol AS key, sum(quantity)::text AS value FROM trading.positions WHERE stack = ${stack} GROUP BY symbol`,
    ledger: `SELECT asset AS key, ledger::text AS value FROM trading.balances WHERE stack = ${stack}`,
    approvals: `SELECT client_order_id, ${msOf('deadline')} AS deadline_ms
      FROM risk.decisions WHERE stack = ${stack} AND approved AND pg_xact_commit_timestamp(xmin) IS NOT NULL`,
    steps: `SELECT e.client_order_id, o.epoch::float8 AS epoch, o.symbol, o.side, e.state, ${msOf('pg_xact_commit_timestamp(e.xmin)')} AS at_ms
      FROM trading.order_events e JOIN trading.orders o ON o.stack = e.stack AND o.client_order_id = e.client_order_id
      WHERE e.stack = ${stack} AND pg_xact_commit_timestamp(e.xmin) IS NOT NULL
      ORDER BY pg_xact_commit_timestamp(e.xmin), e.client_order_id, e.seq`,
  };
}

export interface KeyedAmount {
  readonly key: string;
  readonly value: string;
}

/** Returns SQL for whole milliseconds as a number, rounded down. */
function msOf(time: string): string {
  return `floor(extract(epoch FROM ${time}) * 1000)::float8`;
}
