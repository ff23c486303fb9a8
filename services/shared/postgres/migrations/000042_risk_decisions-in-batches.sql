-- What an insert of decisions costs. Risk inserts those of a whole transaction at once.

-- OFFSET 0 keeps this lookup from becoming a join, for which the planner read every order of all stacks.
CREATE OR REPLACE FUNCTION risk.begin_waiting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO risk.waiting (stack, decision_id)
  SELECT a.stack, a.decision_id FROM added a
  WHERE a.approved AND NOT EXISTS (
    SELECT FROM trading.orders o WHERE o.decision_id = a.decision_id AND o.stack || '' = a.stack OFFSET 0);
  RETURN NULL;
END $$;

-- The same stops end as before, once for all decisions of a statement. Only those that exist are looked at further.
DROP TRIGGER decisions_end_stop ON risk.decisions;
CREATE OR REPLACE FUNCTION risk.end_stop() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM risk.stops s USING added a
  WHERE a.approved AND a.approved_order ->> 'side' = 'buy' AND s.stack = a.stack AND s.strategy = a.strategy AND s.symbol = a.symbol
    AND CASE WHEN s.triggered_at IS NULL THEN
      EXISTS (SELECT FROM risk.stances w WHERE w.stack = s.stack AND w.strategy = s.strategy AND w.symbol = s.symbol
        AND w.entry_count = 1 AND date_trunc('milliseconds', w.entry_changed_at) = date_trunc('milliseconds', w.changed_at))
      OR NOT EXISTS (SELECT FROM trading.positions p
        WHERE p.stack = s.stack AND p.strategy = s.strategy AND p.symbol = s.symbol AND p.quantity > 0)
    ELSE EXISTS (SELECT FROM risk.stances w WHERE w.stack = s.stack AND w.strategy = s.strategy AND w.symbol = s.symbol
      AND date_trunc('milliseconds', w.changed_at) > date_trunc('milliseconds', s.triggered_at)) END;
  RETURN NULL;
END $$;
CREATE TRIGGER decisions_end_stop AFTER INSERT ON risk.decisions
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION risk.end_stop();
