-- Deletes history of a stack that is older than kept_days, at most 1,000 rows a call, oldest first; returns how many
-- rows. A function with the rights of the role that migrates, because whoever may delete any row of trading.halts may
-- lift a halt. Orders, fills, ledger postings and transfers are never deleted: the books are built on them. Neither is
-- what is in force or open: an approval without an order, the decision and the steps of an order that has not ended,
-- the newest row of a source of halts, a dead letter that nobody cleared.
--
-- The two other indexes that it needs are built by files of their own: while one is built, nothing can be inserted into
-- its table, and a transaction keeps the locks of all that it has built.
--
-- None of the indexes begins with the stack: the hot path would read all rows of a stack with it, in a plan that a
-- session made when the tables were empty. The price is a walk over the old index entries of other stacks.
CREATE INDEX signals_by_time ON trading.signals (bar_close, stack);
CREATE INDEX portfolio_snapshots_by_time ON trading.portfolio_snapshots (at, stack);

CREATE FUNCTION trading.delete_history(of_stack text, of_table text, kept_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- The clock of the server, so that a wrong clock of a pod deletes nothing.
  before  timestamptz := clock_timestamp() - make_interval(days => kept_days);
  deleted integer;
BEGIN
  IF kept_days < 7 THEN
    RAISE EXCEPTION 'kept_days is %: at least 7 days of history are kept', kept_days USING ERRCODE = 'check_violation';
  END IF;
  CASE of_table
  WHEN 'decisions' THEN
    DELETE FROM risk.decisions WHERE ctid = ANY (ARRAY(
      SELECT d.ctid FROM risk.decisions d
      WHERE d.stack = of_stack AND d.decided_at < before
        AND NOT EXISTS (SELECT FROM risk.waiting w WHERE w.stack = d.stack AND w.decision_id = d.decision_id)
        AND NOT EXISTS (SELECT FROM trading.live_orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id)
      ORDER BY d.decided_at LIMIT 1000));
  WHEN 'order_events' THEN
    DELETE FROM trading.order_events WHERE ctid = ANY (ARRAY(
      SELECT e.ctid FROM trading.order_events e
      WHERE e.stack = of_stack AND e.at < before
        AND NOT EXISTS (SELECT FROM trading.live_orders o WHERE o.stack = e.stack AND o.client_order_id = e.client_order_id)
      ORDER BY e.at LIMIT 1000));
  WHEN 'signals' THEN
    DELETE FROM trading.signals WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trading.signals WHERE stack = of_stack AND bar_close < before ORDER BY bar_close LIMIT 1000));
  WHEN 'portfolio_snapshots' THEN
    DELETE FROM trading.portfolio_snapshots WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trading.portfolio_snapshots WHERE stack = of_stack AND at < before ORDER BY at LIMIT 1000));
  WHEN 'halts' THEN
    -- trading.trading_states reads the newest row of a source, its highest revision and its latest time: a row goes
    -- only if one newer row has all three. Few at a time, because each deletion locks the row of the fence.
    DELETE FROM trading.halts WHERE id = ANY (ARRAY(
      SELECT h.id FROM trading.halts h
      WHERE h.stack = of_stack AND h.at < before AND EXISTS (
        SELECT FROM trading.halts n
        WHERE n.stack = h.stack AND n.source = h.source AND n.id > h.id AND n.revision >= h.revision AND n.at >= h.at)
      ORDER BY h.id LIMIT 20));
  WHEN 'quarantine' THEN
    DELETE FROM trading.quarantine WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trading.quarantine WHERE stack = of_stack AND seen_at < before LIMIT 1000));
  WHEN 'dead_letters' THEN
    DELETE FROM trading.dead_letters WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trading.dead_letters WHERE stack = of_stack AND cleared_at < before LIMIT 1000));
  END CASE;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END $$;
REVOKE ALL ON FUNCTION trading.delete_history(text, text, integer) FROM PUBLIC;
