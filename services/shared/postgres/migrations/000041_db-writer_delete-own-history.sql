-- Deletes the same rows as before, but finds them without the rows of other stacks. Each call is planned for its stack:
-- a plan for any stack expects one of average size, and a deleted stack may have nearly all rows of a table. The
-- subqueries are scalar, so that they are looked up for each row that may go.
CREATE OR REPLACE FUNCTION trading.delete_history(of_stack text, of_table text, kept_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
      WHERE d.stack || '' = of_stack AND d.decided_at < before
        AND (SELECT true FROM risk.waiting w WHERE w.stack = d.stack AND w.decision_id = d.decision_id) IS NULL
        AND (SELECT true FROM trading.live_orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id) IS NULL
      ORDER BY d.decided_at LIMIT 1000));
  WHEN 'order_events' THEN
    DELETE FROM trading.order_events WHERE ctid = ANY (ARRAY(
      SELECT e.ctid FROM trading.order_events e
      WHERE e.stack || '' = of_stack AND e.at < before
        AND (SELECT true FROM trading.live_orders o WHERE o.stack = e.stack AND o.client_order_id = e.client_order_id) IS NULL
      ORDER BY e.at LIMIT 1000));
  WHEN 'signals' THEN
    DELETE FROM trading.signals WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trading.signals WHERE stack || '' = of_stack AND bar_close < before ORDER BY bar_close LIMIT 1000));
  WHEN 'portfolio_snapshots' THEN
    DELETE FROM trading.portfolio_snapshots WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trading.portfolio_snapshots WHERE stack || '' = of_stack AND at < before ORDER BY at LIMIT 1000));
  WHEN 'halts' THEN
    -- trading.trading_states reads the newest row of a source, its highest revision and its latest time: a row goes
    -- only if one newer row has all three. Few at a time, because each deletion locks the row of the fence.
    DELETE FROM trading.halts WHERE id = ANY (ARRAY(
      SELECT h.id FROM trading.halts h
      WHERE h.stack || '' = of_stack AND h.at < before AND EXISTS (
        SELECT FROM trading.halts n
        WHERE n.stack = h.stack AND n.source = h.source AND n.id > h.id AND n.revision >= h.revision AND n.at >= h.at)
      ORDER BY h.at LIMIT 20));
  WHEN 'quarantine' THEN
    DELETE FROM trading.quarantine WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trading.quarantine WHERE stack || '' = of_stack AND seen_at < before ORDER BY seen_at LIMIT 1000));
  WHEN 'dead_letters' THEN
    DELETE FROM trading.dead_letters WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trading.dead_letters WHERE stack || '' = of_stack AND cleared_at < before ORDER BY cleared_at LIMIT 1000));
  END CASE;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END $$;

DROP INDEX trading.signals_by_time, trading.portfolio_snapshots_by_time, risk.decisions_by_time, trading.order_events_by_time;
